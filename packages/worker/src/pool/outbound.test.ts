import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Lasting, openOutbound } from './outbound.ts'
import { openSpool } from './spool.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-outbound-'))))
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

const words = (text: string) =>
  ({ message: 'output', of: null, lines: [{ at: 1, level: 'stdout', message: text, step: 0 }] }) as const
const textOf = (message: Lasting): string => (message.message === 'output' ? message.lines[0]!.message : '')

/** A worker's end, and a server that keeps what it gets when it is told to. */
function open(cap = 1024 ** 3) {
  const spool = openSpool({ folder, cap })
  const full: boolean[] = []
  const outbound = openOutbound({ file: spool.file, room: spool.room, onFull: (now) => void full.push(now) })
  const arrived: Lasting[] = []
  let kept = 0
  return {
    spool,
    full,
    outbound,
    arrived,
    say: (text: string) => outbound.push(words(text)),
    connect: () => outbound.open((message) => void arrived.push(message)),
    /** The next `count` that arrived are in the store. */
    keep(count: number) {
      kept = Math.min(kept + count, arrived.length)
      if (kept > 0) outbound.kept(arrived[kept - 1]!.seq)
    },
    get kept() {
      return arrived.slice(0, kept).map(textOf)
    },
  }
}
const onDisk = (): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

describe('what a worker has to say', () => {
  test('arrives, in order, whatever becomes of the connection; what was kept is not said again', () => {
    const act = fc.oneof(
      { weight: 6, arbitrary: fc.constant('say' as const) },
      fc.constant('connect' as const),
      fc.constant('lose' as const),
      fc.integer({ min: 1, max: 20 }),
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
        rmSync(folder, { recursive: true })
        mkdirSync(folder)
        const { outbound } = openOutboundOf()
        const store: string[] = []
        let seen: Lasting[] = []
        let isOpen = false
        let said = 0
        const keep = (count: number): void => {
          const now = seen.splice(0, count)
          store.push(...now.map(textOf))
          if (now.length > 0) outbound.kept(now.at(-1)!.seq)
        }
        const connect = (): void => {
          isOpen = true
          outbound.open((message) => void seen.push(message))
        }
        const lose = (): void => {
          isOpen = false
          seen = []
          outbound.close()
        }
        for (const one of acts) {
          if (one === 'say') outbound.push(words(`${said++}`))
          else if (one === 'connect') isOpen || connect()
          else if (one === 'lose') isOpen && lose()
          else if (isOpen) keep(one)
        }
        if (!isOpen) connect()
        while (seen.length > 0) keep(7)
        expect(store).toEqual(Array.from({ length: said }, (_, nth) => `${nth}`))
        expect(onDisk()).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
  const openOutboundOf = () => {
    const spool = openSpool({ folder })
    return { outbound: openOutbound({ file: spool.file, room: spool.room, onFull: () => {} }) }
  }

  test('waits on disk, and whoever comes next says it; what was cut off in a write is not there', () => {
    const first = open()
    for (const text of ['one', 'two', 'three']) first.say(text)
    truncateSync(first.spool.file, statSync(first.spool.file).size - 5)
    const next = open()
    next.say('four')
    next.connect()
    next.keep(10)
    expect(next.kept).toEqual(['one', 'two', 'four'])
    expect(onDisk()).toBe(0)
  })

  test('goes in pieces: a long wait is not read as a whole', () => {
    const one = open()
    const long = 'x'.repeat(600_000)
    for (let n = 0; n < 10; n++) one.say(`${n}${long}`)
    one.connect()
    expect(one.arrived.length).toBeLessThan(4)
    for (let n = 0; n < 20; n++) one.keep(1)
    expect(one.kept.map(([first]) => first)).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`))
  })

  test('is said again where nobody has kept it for long', () => {
    const one = open()
    one.connect()
    one.say('lost')
    one.outbound.again(60_000)
    expect(one.arrived).toHaveLength(1)
    one.outbound.again(0)
    expect(one.arrived.map(({ seq }) => seq)).toEqual([1, 1])
  })

  test('keeps its numbers when the connection is lost: none is left out, and none has two', () => {
    const one = open()
    one.connect()
    for (const text of ['one', 'two', 'three']) one.say(text)
    one.keep(1)
    one.outbound.close()
    one.say('four')
    one.connect()
    const numbers = () => one.arrived.map((message) => `${message.seq} ${textOf(message)}`)
    expect(numbers().slice(3)).toEqual(['2 two', '3 three', '4 four'])
    one.outbound.close()
    one.connect()
    one.outbound.kept(4)
    one.say('five')
    expect(numbers().slice(6)).toEqual(['2 two', '3 three', '4 four', '5 five'])
    expect(onDisk()).toBe(0)
  })

  test('is said again in time also where more is said all the while', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const one = open()
    one.connect()
    for (let nth = 0; nth < 3; nth++) {
      one.say('lost')
      vi.advanceTimersByTime(4_000)
    }
    one.outbound.again(10_000)
    expect(one.arrived.map(({ seq }) => seq)).toEqual([1, 2, 3, 1, 2, 3])
    one.keep(6)
    one.say('another')
    vi.advanceTimersByTime(4_000)
    one.outbound.again(10_000)
    expect(one.arrived.map(({ seq }) => seq)).toEqual([1, 2, 3, 1, 2, 3, 4])
  })

  test('more than may wait pauses what makes it, on disk and behind a slow server, until there is room', () => {
    const one = open(1000)
    for (let n = 0; n < 30; n++) one.say('some forty letters that nobody listens to')
    expect(one.full).toEqual([true])
    one.connect()
    one.keep(30)
    expect(one.full).toEqual([true, false])
    for (let n = 0; n < 6; n++) one.say('x'.repeat(1_000_000))
    expect(one.full).toEqual([true, false, true])
    one.keep(6)
    expect(one.full).toEqual([true, false, true, false])
  })
})

describe('the spool', () => {
  const kept = (epoch: number, frame: unknown) => ({ run: 'r1', epoch, frame })

  test('holds the last frame of each run, and none over its cap', () => {
    const spool = openSpool({ folder, cap: 200 })
    spool.keep(kept(1, 'x'.repeat(100)))
    spool.keep(kept(1, 'y'.repeat(120)))
    expect(() => spool.keep(kept(2, 'z'.repeat(100)))).toThrow(expect.objectContaining({ code: 'STORE_FULL' }))
    expect(openSpool({ folder }).left()).toEqual([kept(1, 'y'.repeat(120))])
    spool.remove('r1', 1)
    spool.keep(kept(2, 'z'.repeat(100)))
    expect(spool.left()).toEqual([kept(2, 'z'.repeat(100))])
  })

  test('of a process that lives is its own', () => {
    const spool = openSpool({ folder })
    spool.keep(kept(1, 'mine'))
    const [own] = readdirSync(folder)
    expect(own).toBe(String(process.pid))
    expect(existsSync(join(folder, own!, 'r1-1.json'))).toBe(true)
  })
})
