import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ServedProject, preamble, servedProject } from '../../packages/sluice/fixtures/served-project.ts'
import { type Visit, executable, findings, headed, keepShot, openBrowser, visit } from './browser.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const pipeline = `
import { daily, grid, hourly, meta, oneOf } from 'sluice'
export const readings = asset('raw/readings', { partitions: hourly({ start: '2010-01-01', end: '2024-01-01' }) }, () => 1)
export const cells = asset(
  'raw/cells',
  { partitions: grid({ day: daily({ start: '2026-01-01', end: '2026-01-11' }), region: oneOf(['eu', 'us', 'asia']) }) },
  (_, { partition }) => {
    if (partition.key === '2026-01-02|us') throw new Error('no answer')
    return 1
  },
)
export const old = asset('raw/old', { partitions: hourly({ start: '2010-01-01', end: '2024-01-01' }) }, () => 1)
let rows = 10
export const report = asset('marts/report', { owners: ['team:one'] }, (_, { metadata }) => {
  const about = '# Weekly\\n\\nSee [the page](https://example.com), not [this](javascript:alert(1)).\\n<b onclick="x()">bold</b>'
  metadata({ rows: (rows += 5), about: meta.markdown(about), of: meta.columnLineage({ total: [{ asset: 'raw/cells', column: 'n' }] }) })
  return { total: 7 }
}).checks({ positive: { run: ({ value }) => ({ passed: value.total > 7, metadata: { total: value.total } }) } })
`

/** How many colors are on the picture: an empty one has one. */
const inks = async (page: Page): Promise<unknown> =>
  await page.evaluate(`(() => {
    const canvas = document.querySelector('main canvas.cursor-crosshair')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })()`)

describe.runIf(executable !== null)('the partitions of an asset in a browser', () => {
  let project: ServedProject
  let browser: Browser
  let seen: Visit

  beforeAll(async () => {
    ;[project, browser] = await Promise.all([servedProject(pipeline), openBrowser()])
    await project.ended(await project.launch('raw/cells', { partition: '2026-01-01..2026-01-03|*' }))
    await project.ended(await project.launch('raw/readings', { partition: '2010-01-02-00:00..2010-01-02-05:00' }))
  })
  afterAll(async () => {
    await browser.close()
    await project.remove()
  })
  afterEach(() => seen.close())
  const at = async (path: string, options = {}): Promise<Page> => {
    seen = await visit(browser, project.url, options)
    await seen.page.goto(path)
    return seen.page
  }

  /** From a share of the picture to another. */
  async function draw(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const canvas = page.locator('main canvas.cursor-crosshair')
    await canvas.scrollIntoViewIfNeeded()
    const { x, y, width, height } = (await canvas.boundingBox())!
    await page.mouse.move(x + width * from[0], y + height * from[1])
    await page.mouse.down()
    await page.mouse.move(x + width * to[0], y + height * to[1], { steps: 3 })
    await page.mouse.up()
  }

  test('a rectangle of a grid is drawn, the numbers are said, and it is backfilled', async () => {
    const page = await at('/assets/raw/cells')
    await headed(page, 'raw/cells')
    const form = page.getByRole('form', { name: 'Backfill' })
    await expect.poll(() => page.getByRole('main').innerText()).toContain('1 failed')
    // Ten days across, three regions down: the fourth to the sixth day of the first two.
    await draw(page, [0.35, 0.1], [0.55, 0.5])
    await expect.poll(() => form.innerText()).toContain('2026-01-04..2026-01-06|eu..us')
    await expect.poll(() => form.innerText()).toContain('6 partitions in 6 runs')
    await form.getByRole('combobox').selectOption('all of one region')
    await expect.poll(() => form.innerText()).toContain('6 partitions in 2 runs')
    expect(await findings(page)).toEqual([])
    await form.getByRole('button', { name: 'Start the backfill' }).click()
    await headed(page, 'raw/cells')
    await expect.poll(() => page.url()).toContain('/backfills/')
    await expect.poll(() => page.locator('h1').innerText()).toContain('succeeded')
    await page.goto('/assets/raw/cells')
    await expect.poll(() => page.getByRole('main').innerText()).toContain('14 fresh')
    expect(seen.complaints).toEqual([])
  })

  test('how many runs of a backfill go on at once is changed until it is over', async () => {
    const body = { target: 'raw/old', partition: 'all', concurrency: 1 }
    const { id } = (await project.client.backfills.create({ body })).backfill
    await project.client.backfills.pause({ backfill: id })
    const concurrency = async () => (await project.client.backfills.get({ backfill: id })).backfill.concurrency
    const page = await at(`/backfills/${id}`)
    await headed(page, 'raw/old')
    const field = page.getByRole('spinbutton', { name: 'Runs at once' })
    await expect.poll(() => field.inputValue()).toBe('1')
    await field.fill('2')
    await page.getByRole('button', { name: 'Set' }).click()
    await expect.poll(concurrency).toBe(2)
    await expect.poll(() => page.getByRole('button', { name: 'Set' }).count()).toBe(0)
    expect(await findings(page)).toEqual([])
    await field.fill('')
    await field.press('Enter')
    await expect.poll(concurrency).toBe(null)
    await project.client.backfills.cancel({ backfill: id })
    await expect.poll(() => field.count()).toBe(0)
    await expect.poll(() => page.getByRole('main').innerText()).toContain('as many as there are places')
    expect(seen.complaints).toEqual([])
  })

  test.each(['light', 'dark'] as const)(
    'of 100,000 and more a part is drawn, shown alone, and is in the link (%s)',
    async (colorScheme) => {
      const page = await at('/assets/raw/readings', { colorScheme })
      await expect.poll(() => page.getByRole('main').innerText()).toContain('122,706 missing')
      const sizes: number[] = []
      page.on('response', (response) => {
        if (!response.url().includes('/partitions')) return
        // One of before the reload has no body any more.
        response.body().then(
          ({ length }) => sizes.push(length),
          () => {},
        )
      })
      await page.reload()
      await expect.poll(() => sizes.length).toBeGreaterThan(0)
      expect(sizes[0]).toBeLessThan(50_000)
      await expect.poll(() => page.locator('main canvas.cursor-crosshair').count()).toBe(1)
      expect(await inks(page)).toBeGreaterThan(2)
      await draw(page, [0.1, 0.02], [0.9, 0.02])
      await expect.poll(() => page.url()).toMatch(/partition=2010-.*\.\.20/)
      await page.getByRole('button', { name: 'Zoom to what is chosen' }).click()
      await expect.poll(() => page.getByRole('main').innerText()).toContain('Shown: 2010-')
      await keepShot(page, `partitions ${colorScheme}`)
      expect(await findings(page)).toEqual([])
      const link = page.url()
      await page.goto('/runs')
      await page.goto(link)
      await expect.poll(() => page.getByRole('main').innerText()).toContain('Shown: 2010-')
      await expect.poll(() => page.getByRole('form', { name: 'Backfill' }).innerText()).toMatch(/partitions in/)
      expect(seen.complaints).toEqual([])
    },
  )

  test('the list is the same by keys', async () => {
    const page = await at('/assets/raw/readings')
    const ranges = page.getByRole('list', { name: 'Ranges' })
    await expect.poll(() => ranges.getByRole('button').count()).toBe(3)
    await ranges.getByRole('button').first().focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+Enter')
    const form = page.getByRole('form', { name: 'Backfill' })
    await expect.poll(() => form.innerText()).toContain('2010-01-01-00:00..2010-01-02-05:00')
    await expect.poll(() => form.innerText()).toContain('30 partitions in 30 runs')
  })

  test('what was said of an asset: Markdown that is none of the page, figures over time, checks, changes of its code', async () => {
    for (let nth = 0; nth < 3; nth++) await project.ended(await project.launch('marts/report'))
    const page = await at('/assets/marts/report')
    await headed(page, 'marts/report')
    const said = page.locator('.markdown')
    await expect.poll(() => said.getByRole('heading', { name: 'Weekly' }).count()).toBe(1)
    expect(await said.innerText()).toContain('<b onclick="x()">bold</b>')
    expect(await said.innerHTML()).not.toMatch(/javascript:|<b[ >]|style=/)
    expect(await said.getByRole('link').count()).toBe(1)
    expect(await page.getByRole('link', { name: 'raw/cells' }).count()).toBe(1)
    const plot = page.getByRole('img', { name: /^rows: 3 values from 15 to / })
    expect(await plot.count()).toBe(1)
    await page.getByText('As a table').click()
    await expect.poll(() => page.getByRole('table', { name: 'Values of rows' }).getByRole('row').count()).toBe(4)
    await page.getByRole('button', { name: 'History of positive' }).click()
    await expect.poll(() => page.getByRole('table', { name: 'Results of positive' }).innerText()).toContain('total 7')
    expect(await page.getByRole('table', { name: 'Results of positive' }).innerText()).toContain('failed')
    const active = async () => (await project.client.locations.list()).locations[0]?.active
    const before = await active()
    await project.write({ 'pipeline.ts': preamble + pipeline.replace('team:one', 'team:two') })
    await expect.poll(active, { timeout: 60_000 }).not.toBe(before)
    await page.getByRole('button', { name: 'Show the changes' }).click()
    const changes = page.locator('section', { has: page.getByRole('heading', { name: 'Definition changes' }) })
    await expect.poll(() => changes.innerText(), { timeout: 60_000 }).toContain('team:two')
    expect(await changes.innerText()).toContain('team:one')
    expect(await findings(page)).toEqual([])
    expect(seen.complaints).toEqual([])
  })

  test('a schedule is made, says its next ticks in two zones, is tested, and deleted', async () => {
    const page = await at('/automations')
    await page.getByRole('link', { name: 'New schedule' }).click()
    await headed(page, 'New schedule')
    const form = page.getByRole('form', { name: 'Schedule' })
    await form.getByRole('textbox', { name: 'Name' }).fill('weekly')
    await form.getByRole('combobox', { name: /^Launches/ }).fill('marts/report')
    await form.getByRole('textbox', { name: /^When/ }).fill('99 9 * * 1')
    await form.getByRole('combobox', { name: 'Time zone' }).fill('America/New_York')
    await form.getByRole('button', { name: 'Make the schedule' }).click()
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('CRON_INVALID')
    await keepShot(page, 'new schedule')
    expect(await findings(page)).toEqual([])
    await form.getByRole('textbox', { name: /^When/ }).fill('0 9 * * 1')
    await form.getByRole('button', { name: 'Make the schedule' }).click()
    await headed(page, 'weekly')
    const next = page.getByRole('table', { name: 'Next ticks' })
    await expect.poll(() => next.innerText()).toContain('Europe/Madrid')
    expect(await next.innerText()).toMatch(/09:00 (?:GMT-[45]|E[SD]T)/)
    await page.getByRole('link', { name: 'Change' }).click()
    await headed(page, 'Change weekly')
    expect(await form.getByRole('combobox', { name: /^Launches/ }).inputValue()).toBe('marts/report')
    expect(await form.getByRole('textbox', { name: /^When/ }).inputValue()).toBe('0 9 * * 1')
    expect(await form.getByRole('combobox', { name: 'Time zone' }).inputValue()).toBe('America/New_York')
    expect(await findings(page)).toEqual([])
    await form.getByRole('textbox', { name: /^When/ }).fill('0 9 * * 2')
    await form.getByRole('textbox', { name: /^Tags/ }).fill('team=data')
    await form.getByRole('button', { name: 'Change the schedule' }).click()
    await headed(page, 'weekly')
    await expect.poll(() => page.getByRole('main').innerText()).toContain('0 9 * * 2 America/New_York')
    await expect.poll(() => page.getByRole('main').innerText()).toContain('team=data')
    await page.getByRole('button', { name: 'Test now' }).click()
    await expect.poll(() => page.getByRole('main').innerText()).toContain('nothing was launched or stored')
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Really delete?' }).click()
    await headed(page, 'Automations')
    expect((await project.client.schedules.list()).schedules).toEqual([])
  })
})
