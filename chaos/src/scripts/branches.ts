import { flow, task } from 'sluice'
import { anyMs, body, got, moment, wait } from './record.ts'

const draw = task('draw', (branch: number, seen: string) =>
  body(`draw ${branch} ${seen}`, async () => {
    await wait(10 * anyMs(3))
    return Math.random().toString(36).slice(2, 8)
  }),
)
const same = task('same', () => body('same', () => wait(10 * anyMs(2), Math.random())))

/** More promises between an outcome and the code that waits for it: what comes first must not depend on them. */
async function behind<T>(promises: number, outcome: Promise<T>): Promise<T> {
  return promises === 0 ? await outcome : await behind(promises - 1, outcome)
}

// Branches that run at once: what one got last is an input of the next call of any other. Any other order of outcomes
// makes other calls. Many end in the same millisecond. Some calls are equal, and told apart by their count alone.
const branches = flow('branches', async () => {
  moment('begin')
  let last = 'none'
  const walk = async (branch: number): Promise<void> => {
    for (let n = 0; n < 8; n++) {
      last = got(await behind(branch, draw(branch, last)))
      if (n % 3 === 0) last = String(got(await same()))
    }
  }
  await Promise.all(Array.from({ length: 10 }, (_, branch) => walk(branch)))
  const winner = got(await Promise.race([draw(20, last), draw(21, last), draw(22, last)]))
  const after = got(await draw(23, winner))
  moment('returning')
  return { fixed: 'done', last, winner, after }
})

await branches()
