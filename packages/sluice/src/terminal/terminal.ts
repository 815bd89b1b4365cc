import { type Style, styleOf } from './style.ts'

/** One of the two streams, and what can be done on it. */
export interface Terminal {
  readonly style: Style
  /** Columns of the terminal; 0 where there is none: lines are as long as they are. */
  readonly columns: number
  readonly rows: number
  /** Can what was written be drawn over? */
  readonly isLive: boolean
  write(text: string): void
  line(text?: string): void
}

function terminalOf(stream: NodeJS.WriteStream): Terminal {
  const style = styleOf(stream)
  return {
    style,
    get columns() {
      return stream.isTTY ? stream.columns : 0
    },
    get rows() {
      return stream.isTTY ? stream.rows : 0
    },
    isLive: stream.isTTY === true && process.env['TERM'] !== 'dumb' && !process.env['CI'],
    write: (text) => void stream.write(text),
    line: (text = '') => void stream.write(`${text}\n`),
  }
}

/** For results: what a script would read. */
export const output: Terminal = terminalOf(process.stdout)
/** For progress and errors: what a person reads. */
export const notes: Terminal = terminalOf(process.stderr)

export const json = (value: unknown): void => output.line(JSON.stringify(value))

// Whoever reads the output may stop: `sluice runs list | head` is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
