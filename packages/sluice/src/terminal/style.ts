import { stripVTControlCharacters, styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Colours for one stream; the same functions give plain text where it takes none. */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly blue: (text: string) => string
  readonly cyan: (text: string) => string
}

interface Stream {
  readonly isTTY?: boolean
}

/** NO_COLOR switches colours off, FORCE_COLOR (but 0) on; else a terminal has them. */
export function takesColor(stream: Stream, environment: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment
  if (NO_COLOR) return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return stream.isTTY === true && TERM !== 'dumb'
}

export function styleOf(stream: Stream, environment?: NodeJS.ProcessEnv): Style {
  const isColored = takesColor(stream, environment)
  const format = (name: Format) => (text: string) =>
    isColored && text !== '' ? styleText(name, text, { validateStream: false }) : text
  return {
    bold: format('bold'),
    dim: format('dim'),
    red: format('red'),
    green: format('green'),
    yellow: format('yellow'),
    blue: format('blue'),
    cyan: format('cyan'),
  }
}

// Made when needed: it takes longer than the rest of a command that prints plain text.
let segmenter: Intl.Segmenter | undefined
const graphemesOf = (text: string): Iterable<Intl.SegmentData> =>
  (segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })).segment(text)

const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6])/u
const simple = /^[\x20-\x7e]*$/

/** How many columns a text takes, colours not counted. */
export function widthOf(text: string): number {
  const shown = stripVTControlCharacters(text)
  if (simple.test(shown)) return shown.length
  let width = 0
  for (const { segment } of graphemesOf(shown)) width += wide.test(segment) ? 2 : 1
  return width
}

export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))
export const paddedStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text

// oxlint-disable-next-line no-control-regex -- these are the sequences that style a text
const sequence = /\u001b\[[0-9;]*m/y

/** The text in at most this many columns, its colours closed. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let result = ''
  let left = Math.max(0, width - 1)
  let styled = false
  for (let at = 0; at < text.length;) {
    sequence.lastIndex = at
    const found = sequence.exec(text)
    if (found) {
      result += found[0]
      styled = true
      at += found[0].length
      continue
    }
    const { segment } = graphemesOf(text.slice(at, at + 16))
      [Symbol.iterator]()
      .next().value!
    left -= wide.test(segment) ? 2 : 1
    if (left < 0) break
    result += segment
    at += segment.length
  }
  return `${result}…${styled ? '\u001b[0m' : ''}`
}

// oxlint-disable-next-line no-control-regex -- what would move the cursor
const controls = /[\x00-\x1f\x7f]/g

/** One line out of any text: no line ends, no control characters. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\s*[\r\n]+\s*/g, ' ⏎ ')
    .replaceAll(controls, ' ')
}
