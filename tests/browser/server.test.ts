import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ServedProject, servedProject } from '../../packages/sluice/fixtures/served-project.ts'
import { type Visit, executable, findings, headed, openBrowser, visit } from './browser.ts'
import { pipeline } from './pipeline.ts'

const token = 'the one user there is, of this server'

// `app.test.ts` fails where there has to be a Chromium.
describe.runIf(executable !== null)('the app of a server with a token', () => {
  let project: ServedProject
  let browser: Browser
  let seen: Visit

  beforeAll(async () => {
    ;[project, browser] = await Promise.all([servedProject(pipeline, { env: { SLUICE_TOKEN: token } }), openBrowser()])
  })
  afterAll(async () => {
    await browser.close()
    await project.remove()
  })
  afterEach(() => seen.close())

  const signedIn = async (options = {}): Promise<Visit['page']> => {
    seen = await visit(browser, project.url, options)
    await seen.page.goto('/')
    await seen.page.getByLabel(/The token of this server/).fill(token)
    await seen.page.keyboard.press('Enter')
    await headed(seen.page, 'Home')
    return seen.page
  }

  test('asks for it once, and shows nothing before', async () => {
    seen = await visit(browser, project.url)
    const { page } = seen
    await page.goto('/runs')
    await headed(page, 'Sign in')
    expect(await findings(page)).toEqual([])
    const field = page.getByLabel(/The token of this server/)
    await field.fill('another')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('not the token')
    await field.fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await headed(page, 'Runs')
    await expect.poll(() => page.locator('text=Live').count()).toBe(1)
    expect(
      await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })'),
    ).not.toContain('sluice_session')
    const second = await page.context().newPage()
    await second.goto('/workers')
    await headed(second, 'Workers')
    await second.keyboard.press('Control+k')
    await second.getByRole('dialog', { name: 'Search' }).waitFor()
    await second.keyboard.type('sign out')
    await expect.poll(() => second.getByRole('option', { name: 'Sign out' }).count()).toBe(1)
    await second.keyboard.press('Enter')
    await headed(second, 'Sign in')
  })

  test('before anything ran it says how to begin; the first run is seen without a reload', async () => {
    const page = await signedIn()
    await expect.poll(() => page.getByRole('main').innerText()).toContain('Waiting for the first run')
    expect(await findings(page)).toEqual([])
    expect(await page.getByRole('button', { name: /^Copy: sluice/ }).count()).toBe(3)
    const run = await project.ended(await project.launch('scrape', { params: { pages: 2 } }))
    await expect.poll(() => page.getByRole('main').innerText()).toContain('1 succeeded')
    await page.getByRole('link', { name: 'Runs' }).click()
    await expect.poll(() => page.getByRole('table').innerText()).toContain(run.id.slice(0, 9))
    for (const [place, says] of [
      ['Backfills', 'There was no backfill yet'],
      ['Assets', 'never'],
    ] as const) {
      await page.getByRole('link', { name: place }).click()
      await expect.poll(() => page.getByRole('main').innerText()).toContain(says)
    }
    await page.goto('/assets/marts/revenue')
    await expect.poll(() => page.getByRole('main').innerText()).toContain('It was never made')
    expect(await findings(page)).toEqual([])
  })

  test('what failed before it is told what changed since it last succeeded', async () => {
    await project.ended(await project.launch('load', { params: { lines: ['1'] } }))
    const { id } = await project.ended(await project.launch('load', { params: { lines: ['1', 'x'] } }))
    const page = await signedIn()
    await page.goto(`/runs/${id}`)
    const panel = page.locator('section', { hasText: 'Changed since it last succeeded' })
    await expect.poll(() => panel.innerText()).toMatch(/param lines\s+\["1"\]\s*→?\s*\["1", "x"\]/)
    expect(await panel.locator('dt').allInnerTexts()).toEqual(['param lines'])
  })

  test('of the runs by time a stretch is chosen, by keys and by dragging', async () => {
    await project.ended(await project.launch('load', { params: { lines: ['1', '2;3'] } }))
    const page = await signedIn()
    await page.goto('/runs')
    const time = page.getByRole('slider', { name: /^Runs by time/ })
    await expect.poll(() => time.getAttribute('aria-valuetext')).toMatch(/succeeded, \d+ failed/)
    await time.focus()
    await page.keyboard.press('ArrowLeft')
    for (let nth = 0; nth < 59; nth++) await page.keyboard.press('Shift+ArrowLeft')
    await expect.poll(() => time.getAttribute('aria-valuenow')).toBe('0')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toMatch(/from=\d+&to=\d+/)
    expect(await page.getByRole('combobox', { name: 'Time' }).inputValue()).toBe('stretch')
    await page.getByRole('button', { name: 'Clear' }).click()
    await expect.poll(() => page.url()).not.toContain('from=')
    const box = (await time.boundingBox())!
    await page.mouse.move(box.x + 2, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 3, box.y + 20)
    await page.mouse.up()
    await expect.poll(() => page.url()).toMatch(/from=\d+&to=\d+/)
    const [from, to] = [...page.url().matchAll(/(?:from|to)=(\d+)/g)].map(([, at]) => Number(at))
    const { runs } = await project.client.runs.list({ since: from!, until: to! })
    const oldest = (await project.client.runs.list({ limit: 1000 })).runs.at(-1)!
    expect(runs.at(-1)?.id).toBe(oldest.id)
    await expect.poll(() => page.getByRole('table').getByRole('link').count()).toBe(runs.length)
  })

  test('a failure is mine, and known of: for everybody, until it is shown again', async () => {
    const page = await signedIn()
    await page.goto('/settings')
    await page.getByRole('combobox', { name: 'You', exact: true }).fill('team:ingest')
    await page.getByRole('link', { name: 'Home' }).click()
    await page.getByRole('button', { name: 'Mine' }).click()
    await expect.poll(() => page.url()).toContain('owner=team')
    const known = page.getByRole('button', { name: /^I know of it: Line 2/ })
    await known.click()
    await expect.poll(() => known.count()).toBe(0)
    await page.getByRole('button', { name: 'All' }).click()
    await page.reload()
    await page.getByText('1 cause that somebody knows of').click()
    await expect.poll(() => page.getByText(/team:ingest knows of it since/).count()).toBe(1)
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: /^Show again: Line 2/ }).click()
    await expect.poll(() => known.isVisible()).toBe(true)
    await expect.poll(() => page.getByText('somebody knows of').count()).toBe(0)
  })

  test('what happens is seen in the events as it happens, and leads to its run', async () => {
    const { id: failed } = await project.ended(await project.launch('load', { params: { lines: ['1', '2;3'] } }))
    await project.ended(await project.launch('marts/revenue'))
    const page = await signedIn()
    await page.goto('/events')
    await expect.poll(() => page.getByRole('table').innerText()).toContain('asset.materialized')
    const run = await project.ended(await project.launch('scrape', { params: { pages: 1 } }))
    const link = page.getByRole('link', { name: run.id.slice(0, 9) })
    await expect.poll(() => link.count()).toBeGreaterThan(1)
    await page.getByRole('combobox', { name: 'What' }).selectOption('run.failed')
    await expect.poll(() => page.getByRole('table').innerText()).toContain('Line 2 is no number')
    await expect.poll(() => page.getByRole('table').innerText()).not.toContain('asset.materialized')
    await page
      .getByRole('link', { name: failed.slice(0, 9) })
      .first()
      .click()
    await headed(page, 'load')
  })

  test('on a phone a failure is read and tried again', async () => {
    const { id } = await project.ended(await project.launch('load', { params: { lines: ['x'] } }))
    const page = await signedIn({ viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true })
    for (const path of ['/', '/runs', `/runs/${id}`, '/assets', '/flows', '/automations', '/workers']) {
      await page.goto(path)
      await page.locator('h1').waitFor()
      const wide = (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number
      expect([path, wide]).toEqual([path, 0])
    }
    await page.goto('/runs')
    const row = page.getByRole('row', { name: 'Line 1 is no number: "x"' }).first()
    await expect.poll(async () => (await row.boundingBox())?.height).toBeGreaterThan(40)
    expect(await row.getByText('Line 1 is no number: "x"').isVisible()).toBe(true)
    await page.goto(`/runs/${id}`)
    const box = await page.getByRole('region', { name: 'Error' }).boundingBox()
    expect(box!.y).toBeLessThan(400)
    await page.getByRole('button', { name: 'Retry from failure' }).tap()
    await expect.poll(() => page.url()).not.toContain(id)
    await headed(page, 'load')
  })

  test('of 100,000 lines of a log at most 60 are in the page; all of them are searched', async () => {
    const { id } = await project.ended(await project.launch('talks', { params: { lines: 100_000 } }))
    const page = await signedIn()
    await page.goto(`/runs/${id}?find=line 99999`)
    const log = page.getByRole('region', { name: 'Log' })
    await expect.poll(() => log.innerText(), { timeout: 60_000 }).toContain('100,000 lines')
    expect(await log.getByRole('log').getByRole('button').count()).toBeLessThanOrEqual(60)
    await expect.poll(() => log.innerText()).toContain('1 match')
    await page.getByRole('button', { name: 'Next match' }).click()
    await expect.poll(() => log.getByRole('log').innerText()).toContain('line 99999')
    expect(await log.getByRole('log').getByRole('button').count()).toBeLessThanOrEqual(60)
  })

  test('when the server comes back, so does the stream: what happened meanwhile is there', async () => {
    const page = await signedIn()
    await page.goto('/runs')
    await expect.poll(() => page.locator('text=Live').count()).toBe(1)
    await page.getByRole('table').getByText('scrape').first().waitFor()
    const { port } = new URL(project.url)
    const closed = new Promise((resolve) => project.dev.child.once('close', resolve))
    project.dev.kill('SIGTERM')
    await closed
    await expect.poll(() => page.locator('text=Live').count()).toBe(0)
    expect(await page.getByRole('table').innerText()).toContain('scrape')
    project.start(['dev', 'pipeline.ts', '--port', port])
    const launched = async () => (await project.launch('scrape', { params: { pages: 1 } }).catch(() => null))?.id
    const id = await vi.waitUntil(launched, 60_000)
    await expect.poll(() => page.locator('text=Live').count(), { timeout: 60_000 }).toBe(1)
    await expect.poll(() => page.getByRole('table').innerText()).toContain(id.slice(0, 9))
  })
})
