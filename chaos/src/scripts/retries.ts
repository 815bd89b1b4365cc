import { currentStep, flow, sleep, task } from 'sluice'
import { anyMs, body, got, gotFailure, moment, wait } from './record.ts'

const flaky = task('flaky', { retries: { max: 3, delay: '120ms' } }, (n: number) =>
  body(`flaky ${n}`, async () => {
    await wait(anyMs(20))
    if (currentStep()!.attempt <= n % 4) throw new Error(`not yet ${n}`)
    return n
  }),
)
const hopeless = task('hopeless', { retries: { max: 1, delay: '80ms' } }, () =>
  body('hopeless', () => {
    throw new Error('never')
  }),
)

// Waits between attempts outlive the process; a retried step counts its attempts once.
const retried = flow('retried', async () => {
  moment('begin')
  const several = await Promise.all([flaky(1), flaky(2), flaky(3)])
  const values = several.map(got)
  await sleep('150ms')
  await hopeless().catch(gotFailure)
  values.push(got(await flaky(6)))
  moment('returning')
  return { fixed: values }
})

await retried()
