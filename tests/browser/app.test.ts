import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ServedProject, servedProject } from '../../packages/sluice/fixtures/served-project.ts'
import { type Visit, executable, findings, headed, howToGetOne, keepShot, openBrowser, visit } from './browser.ts'
import { pipeline } from './pipeline.ts'

test('there is a Chromium', ({ annotate }) => {
  if (executable === null) void annotate(howToGetOne, 'warning')
  expect(executable !== null || process.env['CI'] !== 'true', howToGetOne).toBe(true)
})

describe.runIf(executable !== null)('the app in a browser', () => {
  let project: ServedProject
  let browser: Browser
  let seen: Visit
  let failed: string
  let good: string
  let filled: string

  beforeAll(async () => {
    ;[project, browser] = await Promise.all([servedProject(pipeline), openBrowser()])
    failed = (await project.ended(await project.launch('load', { params: { lines: ['1', '2;3'] } }))).id
    good = (await project.ended(await project.launch('scrape', { params: { pages: 15 } }))).id
    await project.ended(await project.launch('raw/orders', { partition: '2026-01-01..2026-01-03' }))
    await project.ended(await project.launch('marts/revenue'))
    const body = { target: 'raw/orders', partition: '2026-01-08..2026-01-10' }
    filled = (await project.client.backfills.create({ body })).backfill.id
    const state = async () => (await project.client.backfills.get({ backfill: filled })).backfill.state
    await vi.waitUntil(async () => (await state()) === 'succeeded', 60_000)
  })
  afterAll(async () => {
    await browser.close()
    await project.remove()
  })
  afterEach(() => seen.close())
  const at = async (path: string, options = {}): Promise<Visit['page']> => {
    seen = await visit(browser, project.url, options)
    await seen.page.goto(path)
    return seen.page
  }

  const pages = (): [string, string][] => [
    ['/', 'Home'],
    ['/runs', 'Runs'],
    ['/runs?states=["failed"]&owner=nobody', 'Runs'],
    [`/runs/compare?a=${failed}&b=${good}`, 'Compare two runs'],
    [`/runs/${failed}`, 'load'],
    [`/runs/${failed}?step=2`, 'load'],
    [`/runs/${good}?find=page`, 'scrape'],
    [`/runs/${good}?pane=lineage&step=3`, 'scrape'],
    ['/assets', 'Assets'],
    ['/assets?selection=group:none', 'Assets'],
    ['/assets?selection=group:raw and', 'Assets'],
    ['/assets?view=graph&at=raw/orders', 'Assets'],
    ['/assets?view=tree', 'Assets'],
    ['/assets/raw/orders', 'raw/orders'],
    ['/assets/marts/revenue', 'marts/revenue'],
    ['/flows', 'Flows and jobs'],
    ['/flows/LOCATION/flow/scrape', 'scrape'],
    ['/flows/LOCATION/task/parse', 'parse'],
    ['/flows/LOCATION/job/marts', 'marts'],
    ['/automations', 'Automations'],
    ['/automations/LOCATION/schedule/nightly', 'nightly'],
    ['/automations/LOCATION/sensor/inbox', 'inbox'],
    ['/backfills', 'Backfills'],
    [`/backfills/${filled}`, 'raw/orders'],
    ['/events', 'Events'],
    ['/events?type=run.failed', 'Events'],
    ['/workers', 'Workers'],
    ['/settings', 'Settings'],
  ]

  test.each(['light', 'dark'] as const)(
    'every page in %s: axe finds nothing, nothing complains',
    async (colorScheme) => {
      const { locations } = await project.client.locations.list()
      const page = await at('/', { colorScheme })
      const found: string[] = []
      for (const [path, heading] of pages()) {
        await page.goto(path.replace('LOCATION', locations[0]!.name))
        await headed(page, heading)
        await seen.settled()
        await keepShot(page, `${path} ${colorScheme}`)
        found.push(...(await findings(page)).map((one) => `${path} ${one}`))
      }
      expect(found).toEqual([])
      expect(seen.complaints).toEqual([])
    },
  )

  test('a failure is read without a click, and retried', async () => {
    const page = await at(`/runs/${failed}`)
    const card = page.getByRole('region', { name: 'Error' })
    await expect.poll(() => card.innerText()).toContain('Line 2 is no number: "2;3"')
    expect((await card.boundingBox())!.y).toBeLessThan(300)
    expect(await card.innerText()).toMatch(/at parseLine \(.*pipeline\.ts:\d+:\d+\)/)
    await page.goto('/runs')
    await expect.poll(() => page.getByRole('table').innerText()).toContain('Line 2 is no number: "2;3"')
    await page.goto(`/runs/${failed}`)
    await writeFile(join(project.folder, 'fixed'), '')
    await page.getByRole('button', { name: 'Retry from failure' }).click()
    await expect.poll(() => page.url()).not.toContain(failed)
    await expect.poll(() => page.getByRole('main').locator('h1').innerText()).toContain('succeeded')
    await rm(join(project.folder, 'fixed'))
    expect(await page.getByRole('main').innerText()).toContain(failed)
    expect(seen.complaints).toEqual([])
  })

  test('a run is seen as it goes on: in the list, in its page, without a reload', async () => {
    const page = await at('/runs')
    await expect.poll(() => page.locator('text=Live').count()).toBe(1)
    const run = await project.launch('gated', {})
    const row = page.getByRole('row', { name: run.id.slice(0, 9) })
    await expect.poll(() => row.innerText()).toContain('running')
    await row.getByRole('link').click()
    await headed(page, 'gated')
    await expect.poll(() => page.getByRole('list', { name: 'Steps' }).innerText()).toContain('before')
    await expect.poll(() => page.getByRole('log').innerText()).toContain('waiting at the gate')
    await writeFile(join(project.folder, 'gate'), '')
    await expect.poll(() => page.locator('h1').innerText()).toContain('succeeded')
    await expect.poll(() => page.getByRole('log').innerText()).toContain('through')
    expect(await page.getByText('The run has succeeded.').count()).toBe(1)
    await rm(join(project.folder, 'gate'))
  })

  test('what happens before the stream of a page is there is seen when it is', async () => {
    const run = await project.launch('gated', {})
    const page = await at('/settings')
    await expect.poll(() => page.getByText('Live', { exact: true }).count()).toBeGreaterThan(0)
    const held: Route[] = []
    await page.route('**/events/stream*', (route) => void held.push(route))
    await page.goto(`/runs/${run.id}`)
    await expect.poll(() => page.locator('h1').innerText()).toContain('running')
    await writeFile(join(project.folder, 'gate'), '')
    await project.ended(run)
    await expect.poll(() => held.length).toBe(1)
    await held[0]!.continue()
    await expect.poll(() => page.locator('h1').innerText()).toContain('succeeded')
    await rm(join(project.folder, 'gate'))
  })

  test('several runs are chosen by keys, and tried again together', async () => {
    // The newest two of the list.
    const ids = [await project.launch('load', { params: { lines: ['x'] } })]
    ids.push(await project.launch('load', { params: { lines: ['y'] } }))
    for (const run of ids) await project.ended(run)
    const before = (await project.client.runs.list({ name: 'load' })).runs.length
    const page = await at('/runs?text=load')
    await expect.poll(() => page.getByRole('table').getByRole('link').count()).toBeGreaterThan(1)
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
    const bar = page.getByRole('region', { name: 'Chosen runs' })
    await expect.poll(() => bar.innerText()).toContain('2 runs chosen')
    expect(await findings(page)).toEqual([])
    await bar.getByRole('link', { name: 'Compare' }).click()
    await headed(page, 'Compare two runs')
    await expect.poll(() => page.getByRole('table', { name: 'The two runs' }).innerText()).toContain('failed')
    await page.goBack()
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
    await expect.poll(() => bar.innerText()).toContain('2 runs chosen')
    await bar.getByRole('button', { name: 'Retry 2 from failure' }).click()
    await expect.poll(() => bar.count()).toBe(0)
    await expect.poll(async () => (await project.client.runs.list({ name: 'load' })).runs.length).toBe(before + 2)
  })

  test('what is looked at is in the address: a copied link shows the same', async () => {
    const page = await at('/runs')
    await page.getByRole('button', { name: 'Failed' }).click()
    await page.getByRole('combobox', { name: 'Query' }).fill('state:failed,crashed owner:team:ingest')
    await expect.poll(() => page.url()).toContain('owner=team')
    await expect.poll(() => page.getByRole('table').innerText()).toContain('load')
    const link = page.url()
    const other = await visit(browser, project.url)
    await other.page.goto(link)
    await expect.poll(() => other.page.getByRole('table').innerText()).toContain('load')
    expect(await other.page.getByRole('table').innerText()).not.toContain('scrape')
    expect(await other.page.getByRole('button', { name: 'Failed' }).getAttribute('aria-pressed')).toBe('true')
    const query = other.page.getByRole('combobox', { name: 'Query' })
    expect(await query.inputValue()).toBe('state:failed,crashed owner:team:ingest')
    await other.close()
    await page.goto(`/runs/${good}?find=slow`)
    await expect.poll(() => page.getByRole('region', { name: 'Log' }).innerText()).toContain('1 match')
    await page.getByRole('button', { name: 'Next match' }).click()
    await expect.poll(() => page.url()).toMatch(/line=\d+/)
  })

  test('by keys alone: find a flow, launch it, look at what failed, try again', async () => {
    const page = await at('/')
    await headed(page, 'Home')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Search' }).waitFor()
    await page.keyboard.type('launch load')
    await expect
      .poll(() => page.getByRole('dialog').getByRole('option', { selected: true }).innerText())
      .toContain('Launch load')
    await page.keyboard.press('Enter')
    await headed(page, 'load')
    const field = page.getByRole('textbox', { name: /^lines/ })
    for (let nth = 0; nth < 60 && !(await field.evaluate((one) => one.ownerDocument.activeElement === one)); nth++)
      await page.keyboard.press('Tab')
    await page.keyboard.type('["7", "x"]')
    await page.keyboard.press('Tab')
    await expect.poll(() => page.locator(':focus').innerText()).toBe('Launch')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('h1').innerText()).toContain('failed')
    const first = page.url()
    await expect.poll(() => page.getByRole('list', { name: 'Steps' }).getByRole('button').count()).toBe(2)
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
    await expect.poll(() => page.getByRole('button', { name: 'Retry 2 steps' }).count()).toBe(1)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toContain('step=2')
    await expect.poll(() => page.getByRole('heading', { name: 'Step 2: parse' }).count()).toBe(1)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.url()).not.toContain('step=')
    expect(await page.getByRole('button', { name: /^Retry \d steps/ }).count()).toBe(0)
    for (let nth = 0; nth < 60 && !(await page.locator(':focus').innerText()).includes('Retry from failure'); nth++)
      await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).not.toBe(first)
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await headed(page, 'Runs')
    await page.keyboard.press('?')
    await expect.poll(() => page.getByRole('dialog', { name: 'Keys' }).count()).toBe(1)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  })

  test('the form says what does not fit at its field, and gives the same launch as a command', async () => {
    const { locations } = await project.client.locations.list()
    const page = await at(`/flows/${locations[0]!.name}/flow/scrape`)
    const field = page.getByRole('textbox', { name: 'pages' })
    await field.fill('many')
    await page.getByRole('button', { name: 'Launch' }).click()
    await expect.poll(() => page.getByText('This is no number.').count()).toBe(1)
    await field.fill('-4')
    await page.getByRole('button', { name: 'Launch' }).click()
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
    await expect.poll(() => page.getByText('This is no number.').count()).toBe(0)
    await field.fill('2')
    await page.getByRole('button', { name: 'Launch' }).click()
    await headed(page, 'scrape')
    await expect.poll(() => page.locator('h1').innerText()).toContain('succeeded')
    await page.getByRole('link', { name: 'Edit and launch' }).click()
    await expect.poll(() => page.getByRole('textbox', { name: 'pages' }).inputValue()).toBe('2')
  })

  test('a schedule is paused, and goes on', async () => {
    const page = await at('/automations')
    const row = page.getByRole('row', { name: /nightly/ })
    await row.getByRole('button', { name: 'Pause: nightly' }).click()
    await expect.poll(() => row.innerText()).toContain('paused')
    const paused = async () => (await project.client.schedules.list()).schedules.find(({ name }) => name === 'nightly')
    expect((await paused())?.paused).toBe(true)
    await row.getByRole('button', { name: 'Go on: nightly' }).click()
    await expect.poll(() => row.innerText()).not.toContain('paused')
    expect((await paused())?.paused).toBe(false)
  })

  test('an asset is materialized, and its first rows are read', async () => {
    const page = await at('/assets/raw/orders')
    await expect.poll(() => page.getByRole('main').innerText()).toContain('6 fresh')
    await page.getByRole('textbox', { name: 'Partitions' }).fill('2026-01-05')
    await page.getByRole('button', { name: 'Materialize' }).click()
    await headed(page, 'raw/orders')
    await expect.poll(() => page.locator('h1').innerText()).toContain('succeeded')
    await page.goto('/assets/raw/orders')
    await expect.poll(() => page.getByRole('list', { name: 'Ranges' }).innerText()).toContain('2026-01-05\n')
    await page.getByRole('button', { name: 'Read the first rows' }).click()
    await expect.poll(() => page.getByRole('region', { name: 'Rows' }).innerText()).toContain('cents')
    expect(await page.getByRole('button', { name: /^Show \d+$/ }).count()).toBe(0)
  })

  test('a server that answers nothing leaves what was read, says so, and is found again', async () => {
    const page = await at('/runs')
    await expect.poll(() => page.getByRole('table').innerText()).toContain('scrape')
    const broken = {
      status: 500,
      contentType: 'application/problem+json',
      body: '{"code":"INTERNAL","detail":"it broke"}',
    }
    await page.route('**/api/runs?*', (route) => route.fulfill(broken))
    await project.ended(await project.launch('scrape', { params: { pages: 1 } }))
    await expect.poll(() => page.getByRole('alert').innerText(), { timeout: 60_000 }).toContain('it broke')
    expect(await page.getByRole('table').innerText()).toContain('scrape')
    await page.unroute('**/api/runs?*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => page.getByRole('alert').count()).toBe(0)
  })

  test('what happens while a page reads for the first time is shown', async () => {
    const page = await at('/assets')
    await expect.poll(() => page.locator('text=Live').count()).toBe(1)
    const [read, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const late = async (route: Route): Promise<void> => {
      const response = await route.fetch()
      read.resolve()
      await go.promise
      await route.fulfill({ response })
    }
    await page.route('**/api/runs?*', late, { times: 1 })
    await page.getByRole('link', { name: 'Runs', exact: true }).click()
    await read.promise
    const run = await project.ended(await project.launch('scrape', { params: { pages: 1 } }))
    await page.waitForTimeout(500) // by now it has heard of it
    go.resolve()
    await expect.poll(() => page.getByRole('table').innerText()).toContain(run.id.slice(0, 9))
  })

  test('two tabs have one stream, and the second takes over', async () => {
    const page = await at('/runs')
    await expect.poll(() => page.locator('text=Live').count()).toBe(1)
    const streams: string[] = []
    page.context().on('request', (request) => {
      if (request.url().includes('/events/stream')) streams.push(request.url())
    })
    const second = await page.context().newPage()
    await second.goto('/runs')
    await expect.poll(() => second.locator('text=Live').count()).toBe(1)
    const run = await project.ended(await project.launch('scrape', { params: { pages: 1 } }))
    await expect.poll(() => second.getByRole('table').innerText()).toContain(run.id.slice(0, 9))
    expect(streams).toEqual([])
    await page.close()
    await expect.poll(() => streams.length).toBe(1)
    await expect.poll(() => second.locator('text=Live').count()).toBe(1)
    const next = await project.ended(await project.launch('scrape', { params: { pages: 1 } }))
    await expect.poll(() => second.getByRole('table').innerText()).toContain(next.id.slice(0, 9))
  })

  test('the first view is less than 250 KB of script, and a page asks at most 12 times', async () => {
    seen = await visit(browser, project.url)
    const { page } = seen
    let bytes = 0
    let asked: string[] = []
    page.on('response', (response) => {
      const url = new URL(response.url())
      if (url.pathname.startsWith('/api/')) asked.push(url.pathname)
      if (url.pathname.endsWith('.js')) void response.body().then((body) => (bytes += gzipSync(body).length))
    })
    for (const [path, heading] of [
      ['/', 'Home'],
      ['/runs', 'Runs'],
      [`/runs/${good}`, 'scrape'],
    ] as const) {
      asked = []
      await page.goto(path)
      await headed(page, heading)
      await page.waitForLoadState('load')
      await expect.poll(() => page.locator('text=Live').count()).toBe(1)
      await seen.settled()
      expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(12)
      if (path === '/') expect(bytes).toBeLessThan(250_000)
    }
  })

  test('a theme and a time zone that were chosen stay', async () => {
    const page = await at('/runs', { colorScheme: 'light' })
    await page.getByRole('button', { name: 'Dark' }).click()
    await page.getByRole('button', { name: 'UTC', exact: true }).click()
    await page.goto(`/runs/${good}`)
    await headed(page, 'scrape')
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    await expect.poll(() => page.locator('time').last().innerText()).toMatch(/UTC$/)
  })
})
