import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ServedProject, servedProject } from '../../packages/sluice/fixtures/served-project.ts'
import { type Visit, executable, findings, headed, openBrowser, visit } from './browser.ts'
import { pipeline } from './pipeline.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

// `app.test.ts` fails where there has to be a Chromium.
describe.runIf(executable !== null)('graphs in a browser', () => {
  let project: ServedProject
  let browser: Browser
  let seen: Visit

  beforeAll(async () => {
    ;[project, browser] = await Promise.all([servedProject(pipeline), openBrowser()])
  })
  afterAll(async () => {
    await browser.close()
    await project.remove()
  })
  afterEach(() => seen.close())
  const at = async (path: string): Promise<Visit['page']> => {
    seen = await visit(browser, project.url)
    await seen.page.goto(path)
    return seen.page
  }

  test('a selection is written with what is offered, pointed at where it is wrong, and seen as table, graph and tree', async () => {
    // What an address says that means nothing is passed over.
    const page = await at('/assets?view=sphere&open=some')
    await page.getByRole('table').waitFor()
    const field = page.getByRole('combobox', { name: 'Selection' })
    for (const [typed, taken] of [
      ['gro', 'group:'],
      ['ra', 'group:raw'],
    ] as const) {
      await field.pressSequentially(typed)
      await expect.poll(() => page.getByRole('option').first().innerText()).toContain(taken)
      await page.keyboard.press('ArrowDown')
      await expect.poll(() => page.getByRole('option', { selected: true }).innerText()).toContain(taken)
      await page.keyboard.press('Enter')
      await expect.poll(() => field.inputValue()).toBe(taken)
    }
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toContain('selection=group')
    await expect.poll(() => page.getByRole('table').innerText()).not.toContain('marts/revenue')
    await field.fill('group:raw or or')
    await field.press('Enter')
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
    const [, shown, caret] = (await page.getByRole('alert').locator('pre').innerText()).split('\n')
    expect([shown, caret]).toEqual(['  group:raw or or', `  ${' '.repeat('group:raw or '.length)}^`])
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('link', { name: 'Graph' }).click()
    const tree = page.getByRole('tree')
    const chosen = tree.getByRole('treeitem', { selected: true })
    await expect.poll(() => tree.innerText()).toContain('marts/revenue')
    await page.getByRole('combobox', { name: 'Find an asset' }).fill('orders')
    await page.keyboard.press('Enter')
    await expect.poll(() => chosen.innerText()).toContain('raw/orders')
    await page.getByRole('application', { name: 'Lineage' }).focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => chosen.innerText()).toContain('marts/revenue')
    await expect.poll(() => page.getByText(/^marts\/revenue: .*made from 1, used by 0$/).count()).toBe(1)
    await tree.focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => chosen.getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.getByRole('link', { name: 'Tree' }).click()
    await expect.poll(() => chosen.innerText()).toContain('marts/revenue')
    await tree.focus()
    await page.keyboard.press('Enter')
    await headed(page, 'marts/revenue')
    expect(seen.complaints).toEqual([])
  })

  test('the step that is chosen in the lineage of a run is that of the timeline', async () => {
    const { id } = await project.ended(await project.launch('scrape', { params: { pages: 15 } }))
    const page = await at(`/runs/${id}?pane=lineage&step=3`)
    const tree = page.getByRole('tree')
    await expect.poll(() => tree.getByRole('treeitem', { selected: true }).innerText()).toContain('page')
    await tree.focus()
    await page.keyboard.press('End')
    await expect.poll(() => page.url()).toContain('step=15')
    await page.getByRole('button', { name: 'Timeline' }).click()
    const chosen = page.getByRole('list', { name: 'Steps' }).getByRole('button', { pressed: true })
    await expect.poll(() => chosen.count()).toBe(1)
    expect(page.url()).toContain('step=15')
    expect(page.url()).not.toContain('pane')
  })
})
