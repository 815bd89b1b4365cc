import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContextOptions, type Page, type Request, chromium } from 'playwright-core'
import { expect } from 'vitest'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The Chromium of the system; `null`: there is none. */
export const executable: string | null =
  process.env['SLUICE_TEST_CHROMIUM'] ?? places.find((path) => existsSync(path)) ?? null

export const howToGetOne =
  'Tests of pages did not run: there is no Chromium. apt-get install chromium brings one, or set SLUICE_TEST_CHROMIUM.'

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: executable!,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export interface Visit {
  readonly page: Page
  /** What the page complained of: errors of scripts, of its policy, files that are not there. */
  readonly complaints: string[]
  /** Waits until nothing is asked of the server, but for the stream of events. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** A fresh browser profile with one page. What it is waited for is waited for 30 s. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    timezoneId: 'Europe/Madrid',
    baseURL: url,
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  const asked = new Set<Request>()
  page.on('request', (request) => {
    if (/\/api\/(?!events\/stream)/.test(request.url())) asked.add(request)
  })
  for (const end of ['requestfinished', 'requestfailed'] as const)
    page.on(end as 'requestfinished', (request) => void asked.delete(request))
  const settled = async (): Promise<void> => {
    await expect.poll(() => page.locator('[role=status]', { hasText: /^(Reading|Connecting)/ }).count()).toBe(0)
    await expect.poll(() => asked.size).toBe(0)
  }
  return { page, complaints, settled, close: () => context.close() }
}

interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

const axe = readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** What axe finds on the page by WCAG 2.2 AA that is serious or critical. */
export async function findings(page: Page): Promise<string[]> {
  // Evaluated by the browser's debugger, which the policy of the page does not hold back.
  await page.evaluate(await axe)
  const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as {
    violations: Finding[]
  }
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`))
}

/** The heading of the page, once it is drawn. */
export async function headed(page: Page, text: string): Promise<void> {
  await expect.poll(() => page.locator('h1').first().innerText()).toContain(text)
}

const shots = process.env['SLUICE_TEST_SHOTS']

/** A picture of the page, for people to look at: `npm run shots`. */
export async function keepShot(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  const file = name
    .replaceAll(/[^\w=-]+/g, ' ')
    .trim()
    .replaceAll(' ', '-')
  await page.screenshot({ path: join(shots, `${file || 'home'}.png`) })
}
