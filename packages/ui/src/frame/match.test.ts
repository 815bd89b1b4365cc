import { expect, test } from 'vitest'
import { best, score } from './match.ts'

const all = ['Launch load', 'Launch unload', 'raw/orders', 'staging/orders', 'Go to Home']
const find = (typed: string, most = 10): string[] => best(all, typed, (one) => one, most)

test('every word that was typed is in it; a beginning counts more', () => {
  expect(find('load')).toEqual(['Launch load', 'Launch unload'])
  expect(find('ord raw')).toEqual(['raw/orders'])
  expect(find('LAUNCH unl')).toEqual(['Launch unload'])
  expect(find('nothing')).toEqual([])
  expect(score('orders', 'orders')).toBeGreaterThan(score('raw/orders', 'orders'))
})

test('nothing typed is everything, as far as is asked', () => {
  expect(find('', 2)).toEqual(all.slice(0, 2))
})
