import { existsSync } from 'node:fs'
import { flow, task } from 'sluice'
import { body } from './record.ts'

const good = task('good', (n: number) => body(`good ${n}`, () => n))
const bad = task('bad', () =>
  body('bad', () => {
    if (!existsSync(process.env['CHAOS_MENDED']!)) throw new Error('not mended yet')
    return 10
  }),
)

// It fails until it is mended; a retry makes what failed, and nothing else.
export const fragile = flow('fragile', async () => {
  const values = await good.map([1, 2, 3])
  return values.length + (await bad()).value
})
