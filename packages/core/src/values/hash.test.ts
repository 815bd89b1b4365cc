import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hash } from './hash.ts'

const reference = (text: string) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')

test('it is the first 128 bits of SHA-256', () => {
  for (const text of ['', 'abc', 'é', '€😀', 'a'.repeat(5000), 'ü'.repeat(3000)])
    expect(hash(text)).toBe(reference(text))
})

test('at every length around the blocks', () => {
  for (let length = 0; length < 300; length += 1) {
    expect(hash('x'.repeat(length))).toBe(reference('x'.repeat(length)))
    expect(hash(`é${'x'.repeat(length)}`)).toBe(reference(`é${'x'.repeat(length)}`))
  }
})

test('for any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', size: 'large' }), (text) => hash(text) === reference(text)))
})

test('a huge text, and a short one after it', () => {
  expect(hash('y'.repeat(3_000_000))).toBe(reference('y'.repeat(3_000_000)))
  expect(hash('abc')).toBe('ungWv48Bz-pBQUDeXa4iIw')
})
