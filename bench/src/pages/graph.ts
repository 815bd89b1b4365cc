import type { Browser } from 'playwright-core'
import type { Figures } from '../figures.ts'
import type { Dev } from '../serving/dev.ts'

/** How many times a frame is drawn while the graph is dragged, and how far each time, in pixels. */
const drags = { frames: 60, by: 7 }

/**
 * The graph of very many assets, all groups unfolded: until the worker has laid it out, its own start among that; and what
 * a frame costs while all of it is in sight and dragged, until its pixels are there.
 */
export async function largeGraph(
  browser: Browser,
  { url }: Dev,
  figures: Figures,
  count: number,
  times: number,
): Promise<void> {
  for (let n = 0; n < times; n++) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, baseURL: url })
    await page.addInitScript(`
      const request = requestAnimationFrame.bind(window)
      window.drawn = []
      window.requestAnimationFrame = (draw) => request((at) => {
        const began = performance.now()
        draw(at)
        const canvas = window.isDragged && document.querySelector('[role=application] canvas')
        if (!canvas) return
        // Of a pixel that is asked for, all that was drawn has to be there.
        canvas.getContext('2d').getImageData(0, 0, 1, 1)
        window.drawn.push(performance.now() - began)
      })`)
    await page.goto('/assets?view=graph&open=*')
    const graph = page.getByRole('application', { name: 'Lineage' })
    await graph.waitFor({ timeout: 60_000 })
    const took = await page.evaluate<number>(`performance.getEntriesByName('lineage.layout')[0].duration`)
    figures.add(`ui.graph_${count}_layout_ms`, 'ms', took)
    await graph.focus()
    await page.keyboard.press('0')
    const box = (await graph.boundingBox())!
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.evaluate('window.isDragged = true')
    for (let frame = 0; frame < drags.frames; frame++) {
      await page.mouse.move(x + (frame % 20) * drags.by, y + (frame % 10) * drags.by)
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    }
    await page.mouse.up()
    for (const ms of await page.evaluate<number[]>('window.drawn.filter((ms) => ms > 0.5)'))
      figures.add(`ui.graph_${count}_pan_ms`, 'ms', ms)
    await page.close()
  }
}
