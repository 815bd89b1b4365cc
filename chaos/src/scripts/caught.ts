import { flow, task } from 'sluice'
import { anyMs, body, got, gotFailure, moment, wait } from './record.ts'

const chance = task('chance', (n: number) =>
  body(`chance ${n}`, async () => {
    await wait(anyMs(25))
    if (Math.random() < 0.5) throw new Error('bad luck')
    return n
  }),
)
const bad = task('bad', (n: number) =>
  body(`bad ${n}`, async () => {
    await wait(anyMs(25))
    throw new Error(`bad ${n}`)
  }),
)
const told = task('told', (n: number, luck: string) => body(`told ${n} ${luck}`, () => wait(anyMs(15), luck)))

// A failure that was caught once is a failure for ever: what was done about it depends on it.
const caught = flow('caught', async () => {
  moment('begin')
  const path: string[] = []
  let failures = 0
  for (let n = 0; n < 10; n++) {
    let luck = 'lucky'
    await chance(n).then(got, (error) => (luck = gotFailure(error)))
    path.push(got(await told(n, luck)))
  }
  for (const outcome of await bad.settled.map([1, 2, 3, 4], { concurrency: 2 })) {
    if (outcome.ok) throw new Error('it cannot succeed')
    gotFailure(outcome.error)
    failures++
  }
  moment('returning')
  return { fixed: failures, path }
})

await caught()
