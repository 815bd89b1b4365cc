import { type LineLevel, type Run, humanDuration } from '@sluice/core'
import type { RunEnd } from '@sluice/engine'

/** To the error stream: what a script prints itself stays clean. `SLUICE_QUIET=1` keeps all of it back. */
const say = (line: string): void => {
  if (process.env['SLUICE_QUIET'] !== '1') process.stderr.write(`${line}\n`)
}

export function printLog(level: LineLevel, message: string, fields: unknown): void {
  if (level === 'debug' && process.env['SLUICE_LOG'] !== 'debug') return
  const data = typeof fields === 'string' ? ` ${fields}` : fields ? ` ${JSON.stringify(fields)}` : ''
  say(`${level.padEnd(5)} ${message}${data}`)
}

export function printResume(run: Run, counts: Readonly<Record<string, number>>): void {
  say(
    `Going on with run ${run.id}, which crashed: ${counts['succeeded'] ?? 0} steps are done. (SLUICE_RESUME=never starts afresh.)`,
  )
}

export function printEnd(run: Run, end: RunEnd, ms: number): void {
  const what = `${run.name} ${end.state} in ${humanDuration(ms)}`
  if (end.state === 'succeeded') say(`✓ ${what} · sluice runs show ${run.id}`)
  else say(`✗ ${what} · sluice runs show ${run.id}`)
}
