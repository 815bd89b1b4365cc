import { notes } from '../../terminal/terminal.ts'
import { localTime } from '../../terminal/times.ts'

/** One line about what goes on: in a terminal with the time, elsewhere whoever keeps the lines has that. */
export function say(level: string, text: string): void {
  const { style, line } = notes
  if (level === 'info') return line(text)
  if (!process.stderr.isTTY) return line(`${level}: ${text}`)
  const mark = level === 'error' ? style.red('✗') : style.yellow('!')
  line(`${style.dim(localTime(Date.now()).slice(11))} ${mark} ${text}`)
}
