const wanted = process.env['SLUICE_CRASH_AT']?.split(':')
let left = Number(wanted?.[1] ?? 1)

/**
 * A named instant at which a test lets the process die, to make a race repeatable: `SLUICE_CRASH_AT=name:nth` kills it
 * when it comes there for the nth time. Without that variable, which is read once, it does nothing.
 */
export function crashPoint(name: string): void {
  if (wanted !== undefined && wanted[0] === name && --left === 0) process.kill(process.pid, 'SIGKILL')
}
