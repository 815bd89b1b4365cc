import { asset, currentStep } from 'sluice'
import { z } from 'zod'
import { body, wait } from './record.ts'
import { materializeHere } from './materialize-here.ts'

/** The first attempt of each is late: it ends after its time is up, and after the second one is through. */
const work = (name: string): Promise<{ made: string; value: number }> =>
  body(name, async () => {
    const { attempt } = currentStep()!
    await wait(attempt === 1 ? 260 : 10)
    return attempt
  })
const retried = { timeout: '120ms', retries: { max: 3, delay: '10ms' } } as const

const value = asset('value', retried, () => work('value'))
const rows = asset('rows', { ...retried, columns: z.object({ made: z.string() }) }, async () => {
  const { made } = await work('rows')
  return Array.from({ length: 20 }, () => ({ made }))
})
const meanwhile = asset('meanwhile', { deps: [value, rows] }, () => body('meanwhile', () => wait(300)))
const after = asset('after', { inputs: { value, rows }, deps: [meanwhile] }, ({ value: one, rows: table }) =>
  body('after', async () => [one.made, (await table.toArray())[0]!.made]),
)

await materializeHere([value, rows, meanwhile, after], [])
