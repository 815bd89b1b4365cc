import type { Browser } from 'playwright-core'
import type { Figures } from '../figures.ts'
import type { Dev } from '../serving/dev.ts'

/** A task that says what time it is, again and again. */
export const clock = `
import { log, task } from 'sluice'
export const clock = task('clock', async (lines: number) => {
  for (let nth = 0; nth < lines; nth++) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    log.info('it is ' + Date.now())
  }
})`

/** From the moment that a run wrote a line until it is on the screen of who looks at the run. */
export async function linesToPixels(browser: Browser, dev: Dev, figures: Figures, lines: number): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, baseURL: dev.url })
  await page.goto('/runs')
  await page.getByText('Live', { exact: true }).waitFor()
  const { run } = await dev.post<{ run: { id: string } }>('/runs', { target: 'clock', params: [lines + 5] })
  await page.goto(`/runs/${run.id}`)
  const waited = await page.evaluate<number[]>(`new Promise((resolve) => {
    const seen = new Map()
    const look = () => {
      for (const [, at] of (document.querySelector('[role=log]')?.innerText ?? '').matchAll(/it is (\\d+)/g))
        if (!seen.has(at)) seen.set(at, Date.now() - Number(at))
      if (seen.size >= ${lines + 5}) resolve([...seen.values()])
      else requestAnimationFrame(look)
    }
    setTimeout(() => resolve([...seen.values()]), ${(lines + 5) * 600 + 20_000})
    look()
  })`)
  // The first were written before the page was there.
  for (const ms of waited.slice(5)) figures.add('ui.log_to_pixels_ms', 'ms', ms)
  await page.close()
}
