import type { Browser } from 'playwright-core'
import type { Figures } from '../figures.ts'
import type { Dev } from '../serving/dev.ts'
import { fromClick } from './appears.ts'

const hour = 3_600_000
/** Every tenth of so many keys stays missing: ranges of different states, as a history has them. */
const stretch = { count: 1000, made: 900 }

/** The hours from the first of 2010 on, as an asset with so many partitions. */
export function hours(count: number): string {
  return `
import { asset, hourly } from 'sluice'
const partitions = hourly({ start: '${key(0)}', end: '${key(count)}' })
export const readings = asset('readings', { partitions, perRun: true }, () => 'all of them')`
}

const key = (nth: number): string =>
  new Date(Date.UTC(2010, 0, 1) + nth * hour).toISOString().slice(0, 13).replace('T', '-') + ':00'

/** From a click on the asset until the states of all its partitions are drawn, and what of them came over the network. */
export async function manyPartitions(
  browser: Browser,
  dev: Dev,
  figures: Figures,
  count: number,
  times: number,
): Promise<void> {
  await make(dev, count)
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, baseURL: dev.url })
  page.on('response', (response) => {
    if (response.url().includes('/partitions'))
      void response.body().then((body) => figures.add(`ui.partitions_${count}_kb`, 'kB', body.length / 1000))
  })
  for (let n = 0; n < times; n++) {
    await page.goto('/assets')
    await page.getByRole('link', { name: 'readings' }).waitFor()
    const took = await fromClick(page, 'main a[href="/assets/readings"]', 'main canvas.cursor-crosshair')
    figures.add(`ui.partitions_${count}_painted_ms`, 'ms', took)
  }
  await page.close()
}

/** Makes most of them, a stretch in a run. */
async function make(dev: Dev, count: number): Promise<void> {
  for (let at = 0; at < count; at += stretch.count) {
    const last = Math.min(count, at + stretch.made) - 1
    const asked = { target: 'readings', partition: `${key(at)}..${key(last)}` }
    const { run } = await dev.post<{ run: { id: string } }>('/runs', asked)
    for (let state = 'waiting'; state !== 'succeeded'; await new Promise((resolve) => setTimeout(resolve, 20))) {
      state = (await dev.get<{ run: { state: string } }>(`/runs/${run.id}`)).run.state
      if (state === 'failed' || state === 'crashed') throw new Error(`Run ${run.id} has ${state}.`)
    }
  }
}
