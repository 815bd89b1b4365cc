import type { Run, Step } from '@sluice/core'
import { aStep, record } from '@sluice/engine/rows'
import type { Change } from '@sluice/engine/store'
import { describe, expect, test } from 'vitest'
import { styleOf, widthOf } from '../style.ts'
import type { Terminal } from '../terminal.ts'
import { createBlock } from './block.ts'
import { createFeed } from './feed.ts'
import { createProgress } from './model.ts'
import { statusLines } from './status.ts'

const style = styleOf({}, {})
const start = 1_700_000_000_000
const step = (number: number, state: Step['state'], more: Partial<Step> = {}): Change => {
  const endedAt = state === 'running' ? null : start + 50
  return record(aStep('r1', number, { key: `p${number}`, state, startedAt: start, endedAt, result: null, ...more }))
}

describe('progress', () => {
  test('counts a step once, however often it is recorded', () => {
    const progress = createProgress()
    progress.apply([step(1, 'running'), step(2, 'running'), step(1, 'running', { attempt: 2 })])
    expect([...progress.groups.values()]).toMatchObject([{ name: 'page', running: 2, ended: 0 }])
    const ended = progress.apply([step(1, 'succeeded'), step(3, 'failed')])
    expect(ended.map(({ step: { step: number } }) => number)).toEqual([1, 3])
    expect([...progress.groups.values()]).toMatchObject([{ running: 1, ended: 2, counts: { succeeded: 1, failed: 1 } }])
    expect([...progress.open.keys()]).toEqual([2])
  })

  test('the run itself is no step', () => {
    const progress = createProgress()
    expect(progress.apply([step(0, 'succeeded')])).toEqual([])
    expect(progress.counts).toEqual({})
  })
})

test('the feed gives few steps a line each, counts many, and never hides the first failures', () => {
  const progress = createProgress()
  const feed = createFeed(style, progress)
  const error = { name: 'Error', code: 'STEP_FAILED', message: 'broken' }
  const lines = Array.from({ length: 1000 }, (_, index) =>
    index % 300 === 299 ? step(index + 1, 'failed', { error }) : step(index + 1, 'succeeded'),
  )
    .flatMap((change) => progress.apply([change]))
    .flatMap((one) => feed.ended(one))
  expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(12)
  expect(lines.filter((line) => line.startsWith('✗'))).toEqual([
    '✗ page p300  50 ms',
    '✗ page p600  50 ms',
    '✗ page p900  50 ms',
  ])
  expect(feed.summaries()).toEqual(['… page: 997 succeeded, 3 failed'])
  expect(feed.summaries()).toEqual([])
})

test('the status names what runs while it is little, and counts it when it is much', () => {
  const progress = createProgress()
  const run = { name: 'all pages', title: null } as Run
  const status = { run, total: 100, since: start, now: start + 65_000, frame: 0, isCanceling: false, room: 5 }
  progress.apply([
    step(1, 'succeeded'),
    step(2, 'running'),
    step(3, 'waiting', { waitingFor: { for: 'retry', until: start + 75_000 } }),
  ])
  expect(statusLines(style, progress, status)).toEqual([
    '',
    '⠋ all pages 01:05 ━━━━━━━━━━━━━━━━━━━━ 1/100  1 succeeded',
    '  ⠋ page p2  1 min 5 s',
    '  ○ page p3  retrying in 10 s',
  ])
  progress.apply(Array.from({ length: 500 }, (_, index) => step(index + 10, 'running')))
  expect(statusLines(style, progress, status).slice(2)).toEqual(['  ⠋ page 502 running, 1 done'])
  progress.apply(Array.from({ length: 20 }, (_, index) => step(index + 1000, 'running', { name: `other ${index}` })))
  expect(statusLines(style, progress, status).slice(2)).toHaveLength(5)
})

describe('the block at the bottom', () => {
  function screen(columns: number, rows: number) {
    const written: string[] = []
    const terminal: Terminal & { columns: number } = {
      style,
      columns,
      rows,
      isLive: true,
      write: (text) => void written.push(text),
      line: () => {},
    }
    return { terminal, written, block: createBlock(terminal) }
  }

  test('is drawn in one piece, over itself, and not at all where nothing changed', () => {
    const { block, written } = screen(40, 10)
    block.draw(['one', 'two'])
    block.draw(['one', 'two'])
    expect(written).toHaveLength(1)
    block.draw(['one', 'three'], 'above\n')
    expect(written[1]).toBe('\u001b[?2026h\r\u001b[2A\u001b[0Jabove\none\nthree\n\u001b[?2026l')
  })

  test('is cut to the terminal', () => {
    const { block, written } = screen(20, 6)
    block.draw(Array.from({ length: 30 }, () => 'x'.repeat(100)))
    const lines = written[0]!.split('\n').slice(0, -1)
    expect(lines).toHaveLength(4)
    expect(Math.max(...lines.map(widthOf))).toBe(19)
  })

  test('erases what a narrower terminal has wrapped', () => {
    const { block, written, terminal } = screen(60, 20)
    block.draw(['y'.repeat(50)])
    terminal.columns = 20
    block.draw(['z'])
    expect(written[1]).toContain('\u001b[3A\u001b[0J')
  })

  test('gives the cursor back', () => {
    const { block, written } = screen(40, 10)
    block.clear()
    expect(written).toEqual([])
    block.draw(['one'])
    block.clear()
    expect(written[1]).toBe('\r\u001b[1A\u001b[0J\u001b[?25h')
  })
})
