import { flow, task } from 'sluice'
import { anyMs, body, got, moment, wait } from './record.ts'

const draw = task('draw', (branch: number, n: number, seen: string) =>
  body(`draw ${branch}.${n} ${seen}`, async () => {
    await wait(anyMs(20))
    return Math.random().toString(36).slice(2, 8)
  }),
)

// As the branches, with plain timers before the calls: the engine does not see who will call next, and waits for it.
// What a call is given is read before its timer: what is read after one depends on how long the timer took.
const untracked = flow('untracked', async () => {
  moment('begin')
  let last = 'none'
  const walk = async (branch: number): Promise<void> => {
    for (let n = 0; n < 6; n++) {
      const seen = last
      await wait(anyMs(15))
      last = got(await draw(branch, n, seen))
    }
  }
  await Promise.all([walk(0), walk(1), walk(2)])
  moment('returning')
  return { fixed: 'done', last }
})

await untracked()
