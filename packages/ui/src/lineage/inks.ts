import { colorsAt } from '../elements/colors.ts'
import type { Look } from './graph.ts'

/** With what a canvas is drawn: the colours of the page, and its icons as paths. */
export interface Inks {
  readonly font: string
  readonly colors: Readonly<Record<keyof typeof variables, string>>
  readonly looks: ReadonlyMap<Look, { readonly color: string; readonly icon: Path2D }>
}

const variables = {
  canvas: '--canvas',
  surface: '--surface',
  hover: '--hover',
  chosen: '--chosen',
  edge: '--edge',
  text: '--text',
  muted: '--muted',
  accent: '--accent',
}

/**
 * A canvas knows nothing of styles: colours and icons are read from elements of the page, so that both are drawn alike.
 *
 * @param swatches has one `svg[data-look]` for each look.
 */
export function readInks(swatches: HTMLElement): Inks {
  const icons = [...swatches.querySelectorAll<SVGSVGElement>('svg[data-look]')]
  return {
    font: getComputedStyle(swatches).fontFamily,
    colors: colorsAt(swatches, variables),
    looks: new Map(
      icons.map((icon) => [icon.dataset['look'] as Look, { color: getComputedStyle(icon).color, icon: pathOf(icon) }]),
    ),
  }
}

/** Of 24 by 24. */
function pathOf(icon: SVGSVGElement): Path2D {
  const path = new Path2D()
  for (const part of icon.children) {
    const number = (name: string): number => Number(part.getAttribute(name))
    if (part.tagName === 'path') path.addPath(new Path2D(part.getAttribute('d') ?? ''))
    if (part.tagName === 'circle') {
      path.moveTo(number('cx') + number('r'), number('cy'))
      path.arc(number('cx'), number('cy'), number('r'), 0, 2 * Math.PI)
    }
    if (part.tagName === 'line') {
      path.moveTo(number('x1'), number('y1'))
      path.lineTo(number('x2'), number('y2'))
    }
    if (part.tagName === 'rect') path.roundRect(number('x'), number('y'), number('width'), number('height'), 1)
  }
  return path
}
