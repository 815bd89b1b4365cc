/**
 * The one program that runs user code: loads it, then describes it, executes a run, or a single step. It speaks only
 * with the process that started it, and never outlives it.
 */
import { toStoredError } from '@sluice/core'
import { ipcChannel } from '@sluice/engine/store'
import { host } from './host/host.ts'
import { ALIVE_EVERY } from './loop-watch.ts'
import type { FromChild, Request, ToChild } from './messages.ts'

// Who prints faster than it is read waits, and does not fill its memory with what it printed: the pipes of a child are
// sockets, which Node writes to in the background.
for (const stream of [process.stdout, process.stderr])
  (stream as { _handle?: { setBlocking?(blocking: boolean): void } })._handle?.setBlocking?.(true)

const parent = ipcChannel(process, 'host')
const send = (message: FromChild): void => parent.send(message)
const program = host((told) => send(told))
let working = 0

parent.onClose(() => endWithChildren())
parent.listen((received) => {
  const message = received as ToChild
  if (message.message === 'cancel') program.cancel()
  else void answer(message.ask, message.request)
})
process.on('SIGTERM', () => (working > 0 && program.cancel() ? undefined : process.exit(143)))
process.on('unhandledRejection', (reason) => program.rejected(reason))
setInterval(() => working > 0 && send({ message: 'alive' }), ALIVE_EVERY).unref()

async function answer(ask: number, request: Request): Promise<void> {
  working += 1
  try {
    send({ message: 'answer', ask, answer: { ok: true, value: await program.handle(request) } })
  } catch (error) {
    send({ message: 'answer', ask, answer: { ok: false, error: toStoredError(error) } })
  } finally {
    working -= 1
  }
}

/** Nobody is left to answer to: what this process started goes with it. */
function endWithChildren(): void {
  try {
    if (process.platform !== 'win32') process.kill(-process.pid, 'SIGKILL')
  } finally {
    process.exit(1)
  }
}
