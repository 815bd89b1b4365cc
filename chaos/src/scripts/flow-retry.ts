import { flow, task } from 'sluice'
import { readLog } from '../log.ts'
import { anyMs, body, got, gotFailure, moment, wait } from './record.ts'

const good = task('good', (n: number) => body(`good ${n}`, () => wait(anyMs(25), n)))
// It fails until it has been tried three times by whichever processes: only the log outside knows.
const third = task('third', () =>
  body('third', async () => {
    await wait(anyMs(20))
    const ended = readLog(process.env['CHAOS_LOG']!).filter(({ phase, name }) => phase === 'end' && name === 'third')
    if (ended.length < 3) throw new Error('not yet')
    return 'at last'
  }),
)

// Tried again as a whole: successes are kept, the failure that ended an attempt is not.
const whole = flow('whole', { retries: { max: 8, delay: '60ms' } }, async () => {
  moment('begin')
  const values: number[] = []
  for (let n = 0; n < 8; n++) values.push(got(await good(n)))
  const last = await third().catch((error: unknown) => {
    gotFailure(error)
    throw error
  })
  for (let n = 8; n < 14; n++) values.push(got(await good(n)))
  moment('returning')
  return { fixed: [values, got(last)] }
})

await whole()
