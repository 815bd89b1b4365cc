import type { Page } from 'playwright-core'

/** Does `act`, and gives the milliseconds from `began`, an expression, until this is drawn; NaN where it is not within 20 s. */
const untilDrawn = (page: Page, selector: string, began: string, act = ''): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const began = ${began}
    ${act}
    const look = () => document.querySelector(${JSON.stringify(selector)})
      ? requestAnimationFrame(() => resolve(performance.now() - began))
      : requestAnimationFrame(look)
    setTimeout(() => resolve(NaN), 20_000)
    look()
  })`)

/** Milliseconds since the page was asked for, when this is in it. */
export const appears = (page: Page, selector: string): Promise<number> => untilDrawn(page, selector, '0')

/** Milliseconds from a click on one thing until another is drawn. */
export const fromClick = (page: Page, clicked: string, selector: string): Promise<number> =>
  untilDrawn(page, selector, 'performance.now()', `document.querySelector(${JSON.stringify(clicked)}).click()`)
