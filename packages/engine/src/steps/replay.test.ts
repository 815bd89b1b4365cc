import { describe, expect, test } from 'vitest'
import { type Recorded, openReplay } from './replay.ts'

const recorded = (...list: [seq: number, tracked?: boolean][]): Recorded[] =>
  list.map(([seq, tracked = true]) => ({ seq, tracked, name: `n${seq}` }))
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function track(list: readonly Recorded[]) {
  const delivered: number[] = []
  const passed: number[] = []
  const replay = openReplay(list, ({ seq }) => passed.push(seq))
  const deliver = (seq: number, then?: () => void): void => {
    delivered.push(seq)
    then?.()
  }
  const by = new Map(list.map((one) => [one.seq, one]))
  return {
    delivered,
    passed,
    replay,
    call: (seq: number, then?: () => void) => replay.called(by.get(seq)!, () => deliver(seq, then)),
    live: (seq: number, then?: () => void) => replay.live(seq, () => deliver(seq, then)),
  }
}

describe('the order of outcomes', () => {
  test('recorded ones come by number, whatever the order of the calls', async () => {
    const t = track(recorded([1], [2], [3]))
    t.replay.start(() => [3, 1, 2].forEach((seq) => t.call(seq)))
    await turn()
    expect(t.delivered).toEqual([1, 2, 3])
  })

  test('live ones come in the order of their commits, after the recorded', async () => {
    const t = track(recorded([1], [2]))
    t.replay.start(() => {
      t.live(4)
      t.live(3)
      t.call(1)
      t.call(2)
    })
    await turn()
    expect(t.delivered).toEqual([1, 2, 4, 3])
  })

  test('everything that a delivery sets off is done before the next', async () => {
    const t = track([])
    const seen: string[] = []
    t.live(1, () => {
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => {
          seen.push('the end of a chain')
          process.nextTick(() => seen.push('a tick'))
        })
    })
    t.live(2, () => seen.push('the next'))
    await turn()
    expect(seen.filter((one) => one !== 'a tick')).toEqual(['the end of a chain', 'the next'])
  })

  test('one that is not called is waited for while nothing else could be delivered', async () => {
    const t = track(recorded([1], [2]))
    await turn()
    t.call(1)
    await turn()
    expect(t.delivered).toEqual([1])
    t.call(2)
    await turn()
    expect(t).toMatchObject({ delivered: [1, 2], passed: [] })
  })

  test('a tracked one that is not called gives way to what waits, and is found when its call comes', async () => {
    const t = track(recorded([1], [2]))
    t.replay.start(() => t.call(2))
    await turn()
    expect(t).toMatchObject({ delivered: [2], passed: [1] })
    t.call(1)
    await turn()
    expect(t.delivered).toEqual([2, 1])
  })

  test('an untracked one holds the others back until its call comes', async () => {
    const t = track(recorded([1, false], [2]))
    t.replay.start(() => t.call(2))
    await turn()
    expect(t.delivered).toEqual([])
    t.call(1)
    await turn()
    expect(t).toMatchObject({ delivered: [1, 2], passed: [] })
  })

  test('a result that is still being read holds its place', async () => {
    const t = track(recorded([1], [2]))
    const { promise, resolve } = Promise.withResolvers<void>()
    t.replay.called({ seq: 1, tracked: true, name: 'n1' }, () => t.delivered.push(1), promise)
    t.call(2)
    await turn()
    expect(t.delivered).toEqual([])
    resolve()
    await turn()
    expect(t.delivered).toEqual([1, 2])
  })

  test('calls know the last delivery and whether it drains', async () => {
    const t = track([])
    expect(t.replay.mark()).toEqual({ after: 0, tracked: false })
    const marks: unknown[] = []
    t.live(5, () => void Promise.resolve().then(() => marks.push(t.replay.mark())))
    await turn()
    marks.push(t.replay.mark())
    expect(marks).toEqual([
      { after: 5, tracked: true },
      { after: 5, tracked: false },
    ])
  })
})
