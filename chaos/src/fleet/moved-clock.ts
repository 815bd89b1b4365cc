import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

// Loaded before a server or worker (`--import=…?file=FILE`): its clock is off by as many milliseconds as a file says, which may
// change at any time. Monotonic time is left alone. libfaketime would do it from outside, but Node ends when the file
// that it reads changes: it then gives monotonic times that go back.

// In its address, as threads do not have every variable.
const file = new URL(import.meta.url).searchParams.get('file')!
const real = Date.now
let offset = 0
let readAt = -Infinity

function now(): number {
  if (performance.now() - readAt > 50) {
    offset = Number(readFileSync(file, 'utf8'))
    readAt = performance.now()
  }
  return real() + offset
}

Date.now = now
globalThis.Date = new Proxy(Date, {
  construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [now()] : args, as) as object,
})
Temporal.Now.instant = () => Temporal.Instant.fromEpochMilliseconds(now())

/** The store's clock on SQLite is its machine's. */
const { prepare } = DatabaseSync.prototype
const moved = new WeakSet<DatabaseSync>()
DatabaseSync.prototype.prepare = function (...args) {
  if (!moved.has(this)) this.function('unixepoch', { varargs: true }, () => now() / 1000)
  moved.add(this)
  return prepare.apply(this, args)
}
