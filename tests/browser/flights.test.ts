import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { realProject } from '../../packages/sluice/fixtures/real-project.ts'
import { type ServedProject, serve } from '../../packages/sluice/fixtures/served-project.ts'
import { type Visit, executable, findings, headed, keepShot, openBrowser, visit } from './browser.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))
/** What running the example leaves in its folder, and what its tests are. */
const left = /[\\/](?:\.sluice|node_modules|report|flights\.duckdb[^\\/]*|[^\\/]+\.test\.ts)$/

/** A copy of the example with nothing made, and what `npm start` runs on it. */
async function servedFlights(): Promise<ServedProject> {
  const project = await realProject()
  const from = join(repository, 'examples/flights')
  await cp(from, project.folder, { recursive: true, filter: (path) => !left.test(path) })
  const installed = join(project.folder, 'node_modules')
  await symlink(join(repository, 'integrations/duckdb'), join(installed, '@sluice/duckdb'))
  await symlink(join(repository, 'node_modules/vega-datasets'), join(installed, 'vega-datasets'))
  return await serve(project, [])
}

/** A DuckDB shell that somebody has open on the example's file: nobody else can write to it. */
async function openShell(folder: string): Promise<() => Promise<void>> {
  const program = `
    const { DuckDBInstance } = require('@duckdb/node-api')
    DuckDBInstance.create(process.argv[1]).then((instance) => {
      process.on('disconnect', () => process.exit())
      process.send(String(instance))
    })`
  const shell = spawn(process.execPath, ['-e', program, join(folder, 'flights.duckdb')], {
    cwd: join(repository, 'integrations/duckdb'),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await once(shell, 'message')
  return async () => {
    shell.disconnect()
    await once(shell, 'exit')
  }
}

/** What axe finds in either theme. */
async function findingsInBoth(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    found.push(...(await findings(page)).map((one) => `${colorScheme} ${one}`))
  }
  return found
}

const main = (page: Page): Promise<string> => page.getByRole('main').innerText()
const isLive = (page: Page): Promise<number> => page.locator('text=Live').count()

/** Draws over cells of the picture of partitions, from one to another by their place among all. */
async function draw(page: Page, from: number, to: number): Promise<void> {
  const side = 18
  const canvas = page.locator('main canvas.cursor-crosshair')
  await canvas.scrollIntoViewIfNeeded()
  const { x, y, width } = (await canvas.boundingBox())!
  const columns = Math.round(width / side)
  const middle = (cell: number): [number, number] => [
    x + (cell % columns) * side + side / 2,
    y + Math.floor(cell / columns) * side + side / 2,
  ]
  await page.mouse.move(...middle(from))
  await page.mouse.down()
  await page.mouse.move(...middle(to), { steps: 3 })
  await page.mouse.up()
}

// `app.test.ts` fails where there has to be a Chromium.
describe.runIf(executable !== null)('the flights example in a browser', () => {
  let browser: Browser
  let project: ServedProject
  let seen: Visit

  beforeAll(async () => void (browser = await openBrowser()))
  afterAll(() => browser.close())
  afterEach(() => seen.close())
  const at = async (path: string, options = {}): Promise<Page> => {
    seen = await visit(browser, project.url, options)
    await seen.page.goto(path)
    return seen.page
  }

  describe('from nothing', () => {
    beforeAll(async () => void (project = await servedFlights()))
    afterAll(() => project.remove())

    test('an empty Home teaches, all is made from the page and seen live, and days are filled by dragging', async () => {
      const page = await at('/')
      await expect.poll(() => main(page)).toContain('Waiting for the first run')
      await expect.poll(() => main(page)).toContain('13 assets, 2 jobs')
      await page.getByRole('button', { name: 'Copy: sluice materialize "*" --partition latest' }).waitFor()
      expect(await findingsInBoth(page)).toEqual([])
      await keepShot(page, 'flights first')

      const closeShell = await openShell(project.folder)
      await page.getByRole('main').getByRole('link', { name: 'Assets' }).click()
      await headed(page, 'Assets')
      await expect.poll(() => page.getByRole('table').innerText()).toContain('never')
      await page.getByRole('button', { name: 'Materialize' }).click()
      const form = page.getByRole('region', { name: 'Materialize' })
      await form.getByRole('textbox', { name: 'Partitions' }).fill('2001-06-01..2001-06-03')
      expect(await findingsInBoth(page)).toEqual([])
      await form.getByRole('button', { name: 'Materialize 13 assets' }).click()

      await headed(page, 'all assets')
      const log = page.getByRole('log')
      await expect.poll(() => log.innerText()).toMatch(/flights\.duckdb is open in process \d+/)
      expect(await page.locator('h1').innerText()).toContain('running')
      const steps = page.getByRole('list', { name: 'Steps' })
      await expect.poll(() => steps.innerText()).toContain('airports')
      expect(await findingsInBoth(page)).toEqual([])
      await keepShot(page, 'flights live')
      await closeShell()
      await expect.poll(() => page.locator('h1').innerText()).toContain('succeeded')
      await expect.poll(() => page.getByRole('region', { name: 'Log' }).innerText()).toContain('1 line')
      await page.getByRole('link', { name: 'Home' }).click()
      await expect.poll(() => main(page)).toContain('Nothing failed in the last 7 days')
      await expect.poll(() => main(page)).toContain('1 succeeded')

      await page.getByRole('link', { name: 'Assets' }).click()
      const table = page.getByRole('table')
      await expect.poll(() => table.getByRole('row').count()).toBe(14)
      await expect.poll(() => table.innerText()).not.toContain('never')
      await page.getByRole('link', { name: 'Graph' }).click()
      await page.getByRole('combobox', { name: 'Find an asset' }).fill('ranking')
      await page.keyboard.press('Enter')
      const chosen = page.getByRole('treeitem', { selected: true })
      await expect.poll(() => chosen.innerText()).toContain('marts/route_ranking')
      await page.getByRole('application', { name: 'Lineage' }).focus()
      await page.keyboard.press('ArrowRight')
      await expect.poll(() => chosen.innerText()).toContain('report')
      await page.getByRole('link', { name: 'Tree' }).click()
      await expect.poll(() => chosen.innerText()).toContain('report')

      await page.getByRole('combobox', { name: 'Find an asset' }).fill('raw')
      await page.keyboard.press('Enter')
      await expect.poll(() => chosen.innerText()).toContain('raw/flights')
      await page.getByRole('tree').focus()
      await page.keyboard.press('Enter')
      await headed(page, 'raw/flights')
      await expect.poll(() => main(page)).toContain('178 missing')
      // The 5th and 6th of June are the 156th and 157th day of the year.
      await draw(page, 155, 156)
      const backfill = page.getByRole('form', { name: 'Backfill' })
      await expect.poll(() => backfill.innerText()).toContain('2001-06-05..2001-06-06')
      await expect.poll(() => backfill.innerText()).toContain('2 partitions in 2 runs')
      await backfill.getByRole('combobox', { name: 'Of' }).selectOption('it and what is made from it')
      await expect.poll(() => backfill.innerText()).toContain('16 partitions in 4 runs')
      expect(await findingsInBoth(page)).toEqual([])
      await keepShot(page, 'flights backfill')
      await backfill.getByRole('button', { name: 'Start the backfill' }).click()
      await expect.poll(() => page.url()).toContain('/backfills/')
      await expect.poll(() => page.locator('h1').innerText()).toContain('succeeded')
      await page.getByRole('link', { name: 'raw/flights' }).click()
      await expect.poll(() => main(page)).toContain('5 fresh')
      expect(seen.complaints).toEqual([])
    })
  })

  describe('with some days made', () => {
    let made: string
    let filled: string

    beforeAll(async () => {
      project = await servedFlights()
      const { id } = await project.ended(await project.launch('everything', { partition: '2001-06-11..2001-06-15' }))
      made = id
      const body = { target: 'raw/flights', partition: '2001-06-18..2001-06-19' }
      filled = (await project.client.backfills.create({ body })).backfill.id
      const state = async () => (await project.client.backfills.get({ backfill: filled })).backfill.state
      await vi.waitUntil(async () => (await state()) === 'succeeded', 120_000)
    })
    afterAll(() => project.remove())

    test('what broke is found on Home as one cause, with the line of the example, and retried when it is mended', async () => {
      // Something is in the way of the folder that the report is written to.
      const folder = join(project.folder, 'report')
      onTestFinished(() => rm(folder, { recursive: true, force: true }))
      await rm(folder, { recursive: true, force: true })
      await writeFile(folder, 'notes')
      const page = await at('/assets/report')
      await page.getByRole('button', { name: 'Materialize' }).click()
      await expect.poll(() => page.locator('h1').innerText()).toContain('failed')
      const first = page.url()
      await page.getByRole('button', { name: 'Run all again' }).click()
      await expect.poll(() => page.url()).not.toBe(first)
      await expect.poll(() => page.locator('h1').innerText()).toContain('failed')

      await page.getByRole('link', { name: 'Home' }).click()
      const cause = page.getByRole('listitem').filter({ hasText: 'ENOTDIR' })
      await expect.poll(() => cause.count()).toBe(1)
      await expect.poll(() => cause.innerText()).toMatch(/[2-9] runs/)
      expect(await cause.innerText()).toMatch(/at .*report\.ts:\d+:\d+/)
      expect(await findingsInBoth(page)).toEqual([])
      await keepShot(page, 'flights failures')
      await cause.getByRole('link', { name: 'report' }).click()
      await headed(page, 'report')
      const card = page.getByRole('region', { name: 'Error' })
      await expect.poll(() => card.innerText()).toContain('ENOTDIR: not a directory')
      // The lines of the example, and of nobody else, before anything is unfolded.
      const frames = (await card.locator('p:visible').allInnerTexts()).filter((text) => text.startsWith('at '))
      expect(frames.length).toBeGreaterThan(0)
      expect(frames.filter((text) => !/[\\/]report\.ts:\d+:\d+/.test(text))).toEqual([])
      expect((await card.boundingBox())!.y).toBeLessThan(300)
      expect(await findingsInBoth(page)).toEqual([])
      await keepShot(page, 'flights failed')

      await rm(folder)
      const broken = page.url()
      await page.getByRole('button', { name: 'Retry from failure' }).click()
      await expect.poll(() => page.url()).not.toBe(broken)
      await headed(page, 'succeeded')
      await page.getByRole('link', { name: 'Home' }).click()
      await page.getByText('1 cause that has succeeded since').click()
      await expect.poll(() => cause.innerText()).toContain('succeeded since:')
      await cause.getByRole('link', { name: /^r\w{8}$/ }).click()
      await headed(page, 'succeeded')
      await page.goto(broken)
      await expect.poll(() => main(page)).toContain('The same has succeeded since')
      expect(seen.complaints).toEqual([])
    })

    test('its schedule is paused, and another one made', async () => {
      const page = await at('/automations')
      const row = page.getByRole('row', { name: /every morning/ })
      await row.getByRole('button', { name: 'Pause: every morning' }).click()
      await expect.poll(() => row.innerText()).toContain('paused')
      await row.getByRole('link', { name: 'every morning' }).click()
      await expect.poll(() => main(page)).toContain('if it were not paused')
      await page.getByRole('link', { name: 'Automations' }).click()
      await page.getByRole('link', { name: 'New schedule' }).click()
      const form = page.getByRole('form', { name: 'Schedule' })
      await form.getByRole('textbox', { name: 'Name' }).fill('monday ranking')
      await form.getByRole('combobox', { name: /^Launches/ }).fill('summary')
      await form.getByRole('textbox', { name: /^When/ }).fill('30 7 * * 1')
      await form.getByRole('button', { name: 'Make the schedule' }).click()
      await headed(page, 'monday ranking')
      const next = page.getByRole('table', { name: 'Next ticks' })
      await expect.poll(() => next.getByRole('row').count()).toBe(11)
      expect(await next.innerText()).toMatch(/07:30 (?:CET|CEST|GMT\+[12])/)
      expect(await findingsInBoth(page)).toEqual([])
      await keepShot(page, 'flights schedule')
      const { schedules } = await project.client.schedules.list()
      expect(Object.fromEntries(schedules.map(({ name, paused }) => [name, paused]))).toEqual({
        'every morning': true,
        'monday ranking': false,
      })
      expect(seen.complaints).toEqual([])
    })

    test('by the palette: to an asset, and to a launch', async () => {
      const page = await at('/')
      await headed(page, 'Home')
      const find = async (typed: string, found: string): Promise<void> => {
        await page.keyboard.press('Control+k')
        const dialog = page.getByRole('dialog', { name: 'Search' })
        await dialog.waitFor()
        await page.keyboard.type(typed)
        await expect.poll(() => dialog.getByRole('option', { selected: true }).innerText()).toContain(found)
        await page.keyboard.press('Enter')
      }
      await find('ranking', 'marts/route_ranking')
      await headed(page, 'marts/route_ranking')
      await find('launch summary', 'Launch summary')
      await headed(page, 'summary')
      await page.getByRole('button', { name: 'Launch' }).click()
      await expect.poll(() => page.url()).toContain('/runs/')
      await expect.poll(() => page.locator('h1').innerText()).toContain('succeeded')
      expect(await main(page)).toContain('forecast/backtest')
      expect(seen.complaints).toEqual([])
    })

    test('a copied link shows the same in another browser', async () => {
      const page = await at('/assets/raw/flights')
      await expect.poll(() => main(page)).toContain('7 fresh')
      await draw(page, 161, 169)
      await expect.poll(() => page.url()).toContain('partition=2001-06-11..2001-06-19')
      await page.getByRole('button', { name: 'Zoom to what is chosen' }).click()
      await expect.poll(() => main(page)).toContain('Shown: 2001-06-11..2001-06-19')
      const form = page.getByRole('form', { name: 'Backfill' })
      await expect.poll(() => form.innerText()).toContain('9 partitions in 9 runs')
      const other = await visit(browser, project.url)
      await other.page.goto(page.url())
      await expect.poll(() => main(other.page)).toContain('Shown: 2001-06-11..2001-06-19')
      const its = other.page.getByRole('form', { name: 'Backfill' })
      await expect.poll(() => its.innerText()).toContain('9 partitions in 9 runs')

      await page.goto('/assets?view=graph')
      await page.getByRole('combobox', { name: 'Find an asset' }).fill('backtest')
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Chosen' }).getByRole('link', { name: 'Only its lineage' }).click()
      await expect.poll(() => page.getByRole('tree').innerText()).not.toContain('marts/days')
      await other.page.goto(page.url())
      const chosen = other.page.getByRole('treeitem', { selected: true })
      await expect.poll(() => chosen.innerText()).toContain('forecast/backtest')
      expect(await other.page.getByRole('tree').innerText()).not.toContain('marts/days')
      expect([...seen.complaints, ...other.complaints]).toEqual([])
      await other.close()
    })

    test('when the server is back, the page is live again, and what was made is there', async () => {
      const page = await at('/runs')
      await expect.poll(() => isLive(page)).toBe(1)
      const ended = once(project.dev.child, 'close')
      project.dev.kill('SIGTERM')
      await ended
      await expect.poll(() => isLive(page)).toBe(0)
      expect(await page.getByRole('table').innerText()).toContain('everything')
      project.start(['dev', '--port', new URL(project.url).port])
      const launched = async () => (await project.launch('marts/days').catch(() => null))?.id
      const id = await vi.waitUntil(launched, 120_000)
      await expect.poll(() => isLive(page)).toBe(1)
      const row = page.getByRole('row', { name: id.slice(0, 9) })
      await expect.poll(() => row.innerText()).toContain('succeeded')
    })

    const pages = (): [string, string][] => [
      ['/', 'Home'],
      ['/runs', 'Runs'],
      [`/runs/${made}`, 'everything'],
      [`/runs/${made}?step=3`, 'everything'],
      [`/runs/${made}?pane=lineage`, 'everything'],
      ['/assets', 'Assets'],
      ['/assets?view=graph&at=marts/route_ranking', 'Assets'],
      ['/assets?view=tree', 'Assets'],
      ['/assets/flights', 'flights'],
      ['/assets/rejected', 'rejected'],
      ['/assets/report', 'report'],
      ['/flows', 'Flows and jobs'],
      ['/flows/example-flights/job/everything', 'everything'],
      ['/automations', 'Automations'],
      ['/automations/example-flights/sensor/new file', 'new file'],
      ['/automations/new', 'New schedule'],
      ['/backfills', 'Backfills'],
      [`/backfills/${filled}`, 'raw/flights'],
      ['/events', 'Events'],
      ['/workers', 'Workers'],
      ['/settings', 'Settings'],
    ]

    test.each(['light', 'dark'] as const)(
      'every page of the flights in %s: axe finds nothing, nothing complains',
      async (colorScheme) => {
        const page = await at('/', { colorScheme })
        const found: string[] = []
        for (const [path, heading] of pages()) {
          await page.goto(path)
          await headed(page, heading)
          await seen.settled()
          if (/view=graph|pane=lineage/.test(path)) await page.getByRole('application').waitFor()
          await keepShot(page, `flights ${path} ${colorScheme}`)
          found.push(...(await findings(page)).map((one) => `${path} ${one}`))
        }
        expect(found).toEqual([])
        expect(seen.complaints).toEqual([])
      },
    )
  })
})
