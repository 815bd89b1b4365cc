import { expect, test } from 'vitest'
import { markOf } from '../step-mark.ts'
import { type OutputLine, openLines } from './lines.ts'

function printed(pieces: readonly string[], most?: number): readonly OutputLine[] {
  const lines: OutputLine[] = []
  const its = openLines({ now: () => 1, send: (some) => void lines.push(...some), ...(most !== undefined && { most }) })
  for (const piece of pieces) its.add(piece, 'stdout')
  its.end()
  return lines
}
const short = (lines: readonly OutputLine[]) => lines.map(({ step, message }) => `${step} ${message}`)

test('lines, however they were cut into pieces, and what has no end', () => {
  expect(short(printed(['one\ntw', 'o', '\n\nthree']))).toEqual(['0 one', '0 two', '0 ', '0 three'])
})

test('each line is of the step that printed it, also where steps take turns within lines', () => {
  const text = `run\n${markOf(1)}a${markOf(2)}b${markOf(1)}1\n${markOf(2)}2\n${markOf(0)}run again\n`
  const expected = ['0 run', '1 a1', '2 b2', '0 run again']
  expect(short(printed([text]))).toEqual(expected)
  expect(short(printed(text.split('')))).toEqual(expected)
  for (let at = 0; at < text.length; at++) expect(short(printed([text.slice(0, at), text.slice(at)]))).toEqual(expected)
})

test('zeros that are no mark stay', () => {
  expect(short(printed(['a\u0000b\u0000step x\n']))).toEqual(['0 a\u0000b\u0000step x'])
})

test('a long line is cut at 64 K, and more than is kept of a run is counted', () => {
  const long = printed(['x'.repeat(50_000), 'x'.repeat(50_000), '\nnext\n'])
  expect(long.map(({ message }) => message.length)).toEqual([65_536 + ' … (34464 more characters were cut)'.length, 4])
  const many = printed(['12345\n'.repeat(100)], 50)
  expect(many).toHaveLength(11)
  expect(many.at(-1)).toMatchObject({
    level: 'warn',
    message: expect.stringContaining('the rest is not kept') as string,
  })
})
