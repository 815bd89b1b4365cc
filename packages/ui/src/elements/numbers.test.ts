import { expect, test } from 'vitest'
import { figureText } from './numbers.ts'

test('a figure is as short as it says what it is', () => {
  const said = [0, 12_345, -0.678210146, 1234.5678, 1.2e-9, 1.5e12 + 0.5].map(figureText)
  expect(said).toEqual(['0', '12,345', '-0.6782', '1234.57', '1.2e-9', '1.5e+12'])
})
