import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../packages/sluice/fixtures/served-project.ts'
import { type Visit, executable, findings, headed, keepShot, openBrowser, visit } from './browser.ts'

const long = 'a_name_that_somebody_generated_'.repeat(8)
const spaced = 'a title with words '.repeat(12).trim()

const extremes = `
import { oneOf, schedule } from 'sluice'
const keys = oneOf(['${long}', ...Array.from({ length: 400 }, (_, n) => 'key' + n)])
export const asset1 = asset('raw/${long}', { partitions: keys, owners: ['${long}@example.com'], tags: { '${long}': '${spaced}' } }, () => 1)
export const below = Array.from({ length: 300 }, (_, n) => asset('marts/of_' + n, { deps: [asset1.at('all')], group: 'group' + (n % 7) }, () => 1))
export const flow1 = flow('${long}', { params: z.object({ text: z.string().default('${spaced}') }), runName: '${spaced}' }, async () => {
  await step('${long}', () => { throw new Error('${long} ${spaced}') })
})
export const many = Array.from({ length: 60 }, (_, n) => flow('flow' + n, () => n))
export const schedules = Array.from({ length: 60 }, (_, n) => schedule('every' + n + '${long}', { cron: '0 0 1 1 *', target: many[n] }))
`

// `app.test.ts` fails where there has to be a Chromium.
describe.runIf(executable !== null)('the app with nothing, with much, and without answers', () => {
  let browser: Browser
  let much: ServedProject
  let little: ServedProject
  let seen: Visit
  let broken: string

  beforeAll(async () => {
    const nothing = "export const only = flow('only', () => 1)\n"
    ;[browser, much, little] = await Promise.all([openBrowser(), servedProject(extremes), servedProject(nothing)])
    broken = (await much.ended(await much.launch(long))).id
    await much.ended(await much.launch(`raw/${long}`, { partition: `${long},key1` }))
    for (let n = 0; n < 60; n++) await much.launch(`flow${n}`)
  })
  afterAll(async () => {
    await browser.close()
    await Promise.all([much.remove(), little.remove()])
  })
  afterEach(() => seen.close())

  const places = [
    'Home',
    'Runs',
    'Assets',
    'Flows and jobs',
    'Automations',
    'Backfills',
    'Events',
    'Workers',
    'Settings',
  ]
  const pathOf = (place: string): string => (place === 'Home' ? '/' : `/${place.split(' ')[0]!.toLowerCase()}`)
  const settled = async (): Promise<void> => {
    await expect.poll(() => seen.page.locator('[role=status]', { hasText: 'Reading' }).count()).toBe(0)
  }
  /** How many pixels the page is wider than its window. */
  const overhang = (): Promise<number> =>
    seen.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth') as Promise<number>

  test('places without anything say what would be there, with commands', async () => {
    seen = await visit(browser, little.url)
    for (const place of places) {
      await seen.page.goto(pathOf(place))
      await headed(seen.page, place)
      await settled()
      await keepShot(seen.page, `nothing ${place}`)
      expect([place, (await findings(seen.page)).length]).toEqual([place, 0])
    }
    for (const place of ['Assets', 'Automations', 'Backfills']) {
      await seen.page.goto(pathOf(place))
      await expect.poll(() => seen.page.getByRole('button', { name: /^Copy: / }).count()).toBeGreaterThan(0)
    }
    expect(seen.complaints).toEqual([])
  })

  test.each([1280, 390])('the longest names and many rows fit in %i pixels', async (width) => {
    seen = await visit(browser, much.url, { viewport: { width, height: 860 } })
    const { name } = (await much.client.locations.list()).locations[0]!
    const things = [
      `/runs/${broken}`,
      `/assets/raw/${long}`,
      '/assets?view=tree',
      '/assets?view=graph',
      `/flows/${name}/flow/${long}`,
      `/automations/${name}/schedule/every0${long}`,
    ]
    const wide: string[] = []
    for (const path of [...places.map(pathOf), ...things]) {
      await seen.page.goto(path)
      await expect.poll(() => seen.page.locator('h1').count()).toBe(1)
      await settled()
      await keepShot(seen.page, `much ${width} ${path.replace(long, 'LONG').replace(broken, 'RUN')}`)
      if ((await overhang()) > 0) wide.push(path.replace(long, 'LONG'))
    }
    expect(wide).toEqual([])
    expect(seen.complaints).toEqual([])
  })

  test('where the server answers 500, every place says so, and what to do', async () => {
    seen = await visit(browser, much.url)
    const answer = {
      status: 500,
      contentType: 'application/problem+json',
      body: '{"code":"INTERNAL","title":"Internal","status":500,"detail":"it broke"}',
    }
    await seen.page.route('**/api/**', (route) => route.fulfill(answer))
    for (const path of [...places.map(pathOf), `/runs/${broken}`, `/assets/raw/${long}`]) {
      await seen.page.goto(path)
      await expect.poll(() => seen.page.locator('body').innerText()).toContain('it broke')
      await expect.poll(() => seen.page.getByRole('button', { name: /Try again/ }).count()).toBeGreaterThan(0)
      await keepShot(seen.page, `broken ${path.replace(long, 'LONG').replace(broken, 'RUN')}`)
    }
    // The browser itself notes answers that failed; nothing else is wrong.
    expect(seen.complaints.filter((one) => !one.includes('500'))).toEqual([])
  })
})
