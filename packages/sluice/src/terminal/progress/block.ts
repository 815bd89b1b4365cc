import type { Terminal } from '../terminal.ts'
import { cutTo, widthOf } from '../style.ts'

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
/** A terminal that knows these draws all between them at once. */
const begin = '\u001b[?2026h'
const end = '\u001b[?2026l'

/** Lines at the bottom of a terminal that are drawn over, below others that stay. */
export interface Block {
  /** Draws these lines in place of the ones before; what is above stays. `above` goes there, and stays too. */
  draw(lines: readonly string[], above?: string): void
  /** Takes the lines away and puts the terminal back as it was. */
  clear(): void
}

export function createBlock(terminal: Terminal): Block {
  let drawn: readonly string[] = []
  let hidden = false

  /** Rows that the drawn lines take now: a terminal that was made narrower has wrapped them. */
  const rowsTaken = (): number => {
    const columns = Math.max(1, terminal.columns)
    return drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0)
  }
  const upAndErase = (): string => {
    const rows = Math.min(rowsTaken(), Math.max(1, terminal.rows) - 1)
    return drawn.length === 0 ? '' : `\r${rows > 0 ? `\u001b[${rows}A` : ''}\u001b[0J`
  }
  return {
    draw(lines, above = '') {
      const fitting = lines
        .slice(0, Math.max(1, terminal.rows - 2))
        .map((line) => cutTo(line, Math.max(10, terminal.columns - 1)))
      const isSame =
        above === '' && fitting.length === drawn.length && fitting.every((line, index) => line === drawn[index])
      if (isSame) return
      const text = `${begin}${hidden ? '' : hideCursor}${upAndErase()}${above}${fitting.map((line) => `${line}\n`).join('')}${end}`
      hidden = true
      drawn = fitting
      terminal.write(text)
    },
    clear() {
      if (!hidden) return
      terminal.write(`${upAndErase()}${showCursor}`)
      drawn = []
      hidden = false
    },
  }
}
