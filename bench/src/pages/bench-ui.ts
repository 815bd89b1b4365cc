import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fillSqlite } from '@sluice/storage/testing'
import { type Browser, chromium } from 'playwright-core'
import { openDisk } from '../disk.ts'
import { type Figures, openFigures } from '../figures.ts'
import { openProduct } from '../product.ts'
import { runsOf } from '../seed/runs.ts'
import { type Dev, startDev } from '../serving/dev.ts'
import { percentile, printed } from '../serving/printed.ts'
import { assetsAndFlow, assetsInGroups, makeProject } from '../serving/project.ts'
import type { StepsOptions } from '../steps/bench-steps.ts'
import { appears, fromClick } from './appears.ts'
import { largeGraph } from './graph.ts'
import { clock, linesToPixels } from './lines.ts'
import { hours, manyPartitions } from './partitions.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const executablePath = process.env['SLUICE_TEST_CHROMIUM'] ?? '/usr/bin/chromium'

/** The web app in the Chromium of the system, drawn by the processor: the first visit, requests, events, lines, long lists. */
export async function benchUi(options: StepsOptions): Promise<void> {
  const { smoke } = options
  if (!existsSync(executablePath))
    throw new Error(`There is no ${executablePath}: apt-get install chromium brings it, or set SLUICE_TEST_CHROMIUM.`)
  const disk = openDisk(options.folder)
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
  const browser = await chromium.launch({ executablePath, args })
  try {
    // What a browser gets is built in either case; from source the server builds it when it is first asked.
    const product = await openProduct(true, say)
    const figures = openFigures()
    const onDev = async (pipeline: string, work: (dev: Dev) => Promise<void>): Promise<void> => {
      const project = makeProject({ disk }, pipeline)
      const dev = await startDev(product, project.folder, ['dev', 'pipeline.ts'])
      try {
        await work(dev)
      } finally {
        await dev.close()
        project.close()
      }
    }
    await onDev(assetsAndFlow(100), async (dev) => {
      const { run } = await dev.post<{ run: { id: string } }>('/runs', { target: 'trivial' })
      await (await fetch(`${dev.url}/`, { headers: { accept: 'text/html' } })).text()
      say('first visits')
      // What is read: what ran in the last day, rows of runs, steps, assets.
      const pages = {
        '/': 'main ol li',
        '/runs': 'main [data-row]',
        [`/runs/${run.id}`]: 'main [data-row]',
        '/assets': 'main [data-row]',
      }
      for (const [path, drawn] of Object.entries(pages))
        for (let n = 0; n < (smoke ? 1 : 10); n++) await firstVisit(browser, dev, path, drawn, figures)
      say('from an event to the screen')
      await eventToPixels(browser, dev, figures, smoke ? 3 : 50)
    })
    const assets = smoke ? 500 : 10_000
    say(`a graph of ${assets} assets`)
    await onDev(assetsInGroups(assets), (dev) => largeGraph(browser, dev, figures, assets, smoke ? 1 : 5))
    say('from a line of the log to the screen')
    await onDev(clock, (dev) => linesToPixels(browser, dev, figures, smoke ? 3 : 50))
    const keys = smoke ? 2_000 : 100_000
    say(`${keys} partitions`)
    await onDev(hours(keys), (dev) => manyPartitions(browser, dev, figures, keys, smoke ? 2 : 20))
    const count = smoke ? 2_000 : 1_000_000
    say(`${count} runs`)
    const home = join(disk.folder, 'home')
    mkdirSync(home)
    fillSqlite(join(home, 'sluice.db'), runsOf(count))
    const server = await startDev(product, disk.folder, ['server', '--store', home], { waitFor: 'server' })
    try {
      await longList(browser, server, figures, count, smoke ? 2 : 20)
    } finally {
      await server.close()
    }
    printed('ui', summed(figures), disk, product, options.json)
  } finally {
    await browser.close()
    disk.close()
  }
}

/** The part of all samples that a budget is about. */
function summed(all: Figures): Figures {
  const figures = openFigures()
  for (const { name, unit, samples } of all.all()) {
    if (unit === 'kB') figures.add(name, unit, Math.max(...samples))
    else if (unit === 'requests') figures.add(`${name}_max`, unit, Math.max(...samples))
    // Few and slow: their median says it.
    else if (name.endsWith('layout_ms')) figures.add(name, unit, percentile(samples, 0.5))
    else
      for (const part of [50, 95])
        figures.add(name.replace(/ms$/, `p${part}_ms`), unit, percentile(samples, part / 100))
  }
  return figures
}

/** With nothing in the cache. */
async function firstVisit(
  browser: Browser,
  { url }: Dev,
  path: string,
  drawn: string,
  figures: Figures,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, baseURL: url })
  const page = await context.newPage()
  let [asked, bytes] = [0, 0]
  const read: Promise<unknown>[] = []
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (pathname.startsWith('/api/')) asked += 1
    if (pathname.endsWith('.js'))
      read.push(
        response.body().then(
          (body) => (bytes += gzipSync(body).length),
          () => {},
        ),
      )
  })
  await page.goto(path)
  figures.add('ui.usable_ms', 'ms', await appears(page, drawn))
  figures.add(
    'ui.fcp_ms',
    'ms',
    await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`),
  )
  await Promise.all(read)
  if (path === '/') figures.add('ui.first_load_kb_gz', 'kB', bytes / 1000)
  figures.add('ui.requests', 'requests', asked)
  await context.close()
}

/** From the moment that a run was made, by the server's clock, which is ours, until its row is drawn. */
async function eventToPixels(browser: Browser, dev: Dev, figures: Figures, times: number): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, baseURL: dev.url })
  await page.goto('/runs')
  await page.getByText('Live', { exact: true }).waitFor()
  for (let n = 0; n < times; n++) {
    const { run } = await dev.post<{ run: { id: string; createdAt: number } }>('/runs', { target: 'trivial' })
    const drawn = (await page.evaluate(`new Promise((resolve) => {
      const look = () => document.querySelector('[data-row="${run.id}"]')
        ? requestAnimationFrame(() => resolve(Date.now()))
        : requestAnimationFrame(look)
      setTimeout(() => resolve(NaN), 20_000)
      look()
    })`)) as number
    figures.add('ui.event_to_pixels_ms', 'ms', drawn - run.createdAt)
  }
  await page.close()
}

/** From a click on Runs until the first rows of many are drawn. */
async function longList(browser: Browser, dev: Dev, figures: Figures, count: number, times: number): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, baseURL: dev.url })
  for (let n = 0; n < times; n++) {
    await page.goto('/workers')
    await page.getByRole('heading', { name: 'Pools' }).waitFor()
    const took = await fromClick(page, 'nav a[href="/runs"]', '[role=table] [data-row]')
    figures.add(`ui.runs_${count}_painted_ms`, 'ms', took)
  }
  await page.close()
}
