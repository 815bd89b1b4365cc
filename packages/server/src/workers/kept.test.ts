import type { FromWorker } from '@sluice/api/workers'
import type { Store } from '@sluice/engine'
import { expect, test } from 'vitest'
import type { Connected } from './connected.ts'
import { openKept } from './kept.ts'

const words = (seq: number): Extract<FromWorker, { message: 'output' }> => ({
  message: 'output',
  seq,
  of: null,
  lines: [{ at: seq, level: 'stdout', message: `line ${seq}`, step: 0 }],
})

function open() {
  const writes: { seq: number; settle: (error?: Error) => void }[] = []
  const commit: unknown = ([change]: [{ lines: { at: number }[] }]) =>
    new Promise<unknown[]>((resolve, reject) => {
      const settle = (error?: Error): void => (error ? reject(error) : resolve([{ ok: true }]))
      writes.push({ seq: change.lines[0]!.at, settle })
    })
  const kept = openKept({ store: { commit } as unknown as Store, now: () => 0, wake: () => {} })
  /** Another connection of the same session. */
  const connect = () => {
    const told: unknown[] = []
    const channel = { send: ({ seq }: { seq: number }) => void told.push(seq) }
    const worker = { session: 'w1', name: 'one', channel } as unknown as Connected
    return { told, say: (seq: number) => kept.keep(worker, words(seq)) }
  }
  const written = async (count: number) => {
    await expect.poll(() => writes.length).toBe(count)
    return writes[count - 1]!
  }
  return { writes, connect, written }
}

test('what is on its way into the store when its connection breaks is not written again', async () => {
  const { writes, connect, written } = open()
  const [before, after] = [connect(), connect()]
  const said = [before.say(1), before.say(2), after.say(1), after.say(2), after.say(3)]
  for (const count of [1, 2, 3]) (await written(count)).settle()
  await Promise.all(said)
  expect(writes.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(after.told).toEqual([1, 2, 3])
})

test('what could not be stored is waited for by what follows it', async () => {
  const { writes, connect, written } = open()
  const one = connect()
  const said = [one.say(1), one.say(2)]
  const outcomes = Promise.allSettled(said)
  const first = await written(1)
  first.settle(new Error('full'))
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(one.told).toEqual([])
  const again = [one.say(1), one.say(2)]
  for (const count of [2, 3]) (await written(count)).settle()
  await Promise.all(again)
  expect(writes.map(({ seq }) => seq)).toEqual([1, 1, 2])
  expect(one.told).toEqual([1, 2])
})
