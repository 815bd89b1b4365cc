import { flow, step, task } from 'sluice'
import { anyMs, body, got, moment, wait } from './record.ts'
import { z } from 'zod'

const leaf = task('leaf', (n: number) => body(`leaf ${n}`, () => wait(anyMs(30), n + 1)))
const branch = task('branch', (n: number) =>
  body(`branch ${n}`, async () => {
    let value = n * 10
    for (let depth = 0; depth < 3; depth++) value = (await leaf(value)).value
    const more = await leaf.map([value + 100, value + 200], { concurrency: 2 })
    return value + more.length
  }),
)
const part = flow('part', { params: z.object({ n: z.number() }) }, async ({ n }) => {
  const first = await step('clock', () => body(`clock ${n}`, () => n))
  const made = await branch(first.value)
  await wait(anyMs(20))
  return body(`part ${n}`, () => made.value)
})

// Tasks in tasks, flows in a flow, inline steps: what is committed below a parent that is not stays found.
const nested = flow('nested', async () => {
  moment('begin')
  const values: number[] = []
  for (let n = 0; n < 3; n++) values.push(got(await part({ n })))
  const both = await Promise.all([part({ n: 10 }), branch(20), part({ n: 30 })])
  for (const one of both) values.push(got(one))
  moment('returning')
  return { fixed: values }
})

await nested()
