import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../packages/sluice/fixtures/served-project.ts'
import { type Visit, executable, findings, headed, openBrowser, visit } from './browser.ts'
import { pipeline } from './pipeline.ts'

// `app.test.ts` fails where there has to be a Chromium.
describe.runIf(executable !== null)('what is asked for in a browser, and how it is shown', () => {
  let project: ServedProject
  let browser: Browser
  let seen: Visit
  let failed: string
  let location: string

  beforeAll(async () => {
    ;[project, browser] = await Promise.all([servedProject(pipeline), openBrowser()])
    failed = (await project.ended(await project.launch('load', { params: { lines: ['1', 'x'] } }))).id
    await project.ended(await project.launch('scrape'))
    location = (await project.client.locations.list()).locations[0]!.name
  })
  afterAll(async () => {
    await browser.close()
    await project.remove()
  })
  afterEach(() => seen.close())
  const at = async (path: string): Promise<Page> => {
    seen = await visit(browser, project.url)
    await seen.page.goto(path)
    return seen.page
  }

  test('the query offers what may be typed: by keys, and to those who hear it', async () => {
    const page = await at('/runs')
    const query = page.getByRole('combobox', { name: 'Query' })
    await query.focus()
    const offered = page.getByRole('listbox', { name: 'Query' }).getByRole('option')
    await expect.poll(() => offered.allInnerTexts()).toContain('owner:\nthat somebody answers for')
    await page.keyboard.type('state:fai')
    await expect.poll(() => offered.allInnerTexts()).toEqual(['state:failed'])
    await page.keyboard.press('ArrowDown')
    expect(await query.getAttribute('aria-activedescendant')).toBe(await offered.first().getAttribute('id'))
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Tab')
    await expect.poll(() => page.url()).toContain('states=')
    await page.keyboard.type('ingest')
    await expect.poll(() => offered.allInnerTexts()).toEqual(['owner:team:ingest'])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await query.inputValue()).toBe('state:failed owner:team:ingest ')
    await expect.poll(() => page.getByRole('table').innerText()).toContain('Line 2 is no number')
    expect(await page.getByRole('table').innerText()).not.toContain('succeeded')
    await page.keyboard.press('Escape')
    await expect.poll(() => offered.count()).toBe(0)
    await page.getByRole('button', { name: 'Active' }).click()
    await expect.poll(() => query.inputValue()).toBe('state:active owner:team:ingest')
  })

  test('a failed run is tried again with other params: what had the same arguments is taken over', async () => {
    const page = await at(`/runs/${failed}`)
    await page.getByRole('link', { name: 'Edit and launch' }).click()
    const form = page.locator('form')
    await expect.poll(() => form.innerText()).toContain(failed.slice(0, 9))
    await page.getByRole('textbox', { name: /^lines/ }).fill('["1", "2"]')
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: 'Launch' }).click()
    await expect.poll(() => page.locator('h1').innerText()).toContain('succeeded')
    const again = (await project.client.runs.list({ name: 'load', limit: 1 })).runs[0]!
    expect(again.retryOf).toBe(failed)
    const { steps } = await project.client.runs.steps({ run: again.id })
    // The first was taken over as it was, the second has other arguments.
    expect(steps.map(({ args, epoch }) => [args, epoch])).toEqual([
      ['["1",1]', 0],
      ['["2",2]', 1],
    ])
    await expect.poll(() => page.getByRole('link', { name: failed }).count()).toBe(1)
    await page.getByRole('link', { name: 'Compare' }).click()
    await headed(page, 'Compare two runs')
  })

  test('of many rows more are shown, up to as many as are read', async () => {
    await project.ended(await project.launch('raw/lines'))
    const page = await at('/assets/raw/lines')
    await page.getByRole('button', { name: 'Read the first rows' }).click()
    const rows = page.getByRole('region', { name: 'Rows' }).getByRole('row')
    await expect.poll(() => rows.count()).toBe(21)
    await page.getByText('The first 20 of 1,200 rows').waitFor()
    await page.getByRole('button', { name: 'Show 100' }).click()
    await expect.poll(() => rows.count()).toBe(101)
    await page.getByRole('button', { name: 'Show 1,000' }).click()
    await expect.poll(() => rows.count()).toBe(1001)
    await page.getByText('more are read by code alone').waitFor()
    expect(await findings(page)).toEqual([])
  })

  test('times of a schedule in its own zone, and all others local', async () => {
    const body = { cron: '0 9 * * 1', timeZone: 'Asia/Tokyo', target: 'scrape-web' }
    await project.client.schedules.put({ location, name: 'far', body })
    const page = await at(`/automations/${location}/schedule/far`)
    const next = page.getByRole('table', { name: 'Next ticks' })
    const heads = () => next.getByRole('columnheader').allInnerTexts()
    await expect.poll(heads).toEqual(['Asia/Tokyo', 'Europe/Madrid', ''])
    await expect.poll(() => page.getByRole('main').innerText()).toContain('times of Europe/Madrid')
    await page.getByRole('button', { name: 'Schedule', exact: true }).click()
    await expect.poll(() => page.getByRole('main').innerText()).toContain('times of Asia/Tokyo')
    expect(await heads()).toEqual(['Asia/Tokyo', 'Europe/Madrid', ''])
    await page.getByRole('button', { name: 'UTC', exact: true }).click()
    await expect.poll(heads).toEqual(['Asia/Tokyo', 'UTC', ''])
    await page.getByRole('button', { name: 'Schedule', exact: true }).click()
    await page.goto(`/runs/${failed}`)
    await expect.poll(() => page.locator('time').last().innerText()).toMatch(/CES?T$/)
    await project.client.schedules.remove({ location, name: 'far' })
  })
})
