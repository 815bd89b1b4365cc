import { expect, test } from 'vitest'
import { realProject } from '../../../fixtures/real-project.ts'
import { servedProject } from '../../../fixtures/served-project.ts'

const bad = `
export const bad = flow('bad', { params: z.object({ order: z.number(), broken: z.boolean().default(false) }) }, ({ order, broken }) => {
  throw new Error(broken ? 'no such table' : 'Order ' + order + ' is unknown to the vendor')
})
`
const imports = "import { flow } from 'sluice'\nimport { z } from 'zod'\n"

interface Listed {
  readonly message: string
  readonly runs: readonly string[]
  readonly known: { readonly by: string } | null
}
const toldOf = (text: string) =>
  (JSON.parse(text) as Listed[]).map(({ message, runs, known }) => [message, runs.length, known?.by ?? null])

test('in a store: failures by cause, and that somebody knows of one', async () => {
  const project = await realProject()
  try {
    expect((await project.sluice(['failures'])).stdout).toContain('Nothing failed')
    const none = await project.sluice(['failures', 'know', 'latest'])
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('No run failed here')])
    await project.write({ 'bad.ts': `${imports}${bad}export const good = flow('good', () => 1)` })
    for (const params of ['{"order":1}', '{"order":2}', '{"order":3,"broken":true}'])
      await project.sluice(['run', 'bad.ts', 'bad', '--params', params])
    const listed = async () => (await project.sluice(['failures', '--json'])).stdout
    expect(toldOf(await listed())).toEqual([
      ['no such table', 1, null],
      ['Order 2 is unknown to the vendor', 2, null],
    ])
    const [, [, oldest]] = (JSON.parse(await listed()) as Listed[]).map(({ runs }) => runs) as [never, string[]]
    const known = await project.sluice(['failures', 'know', oldest!, '--by', 'ann'])
    expect([known.exitCode, known.stdout]).toEqual([0, expect.stringContaining('ann knows of what run')])
    await project.sluice(['run', 'bad.ts', 'bad', '--params', '{"order":4}'])
    expect(toldOf(await listed())).toEqual([
      ['no such table', 1, null],
      ['Order 4 is unknown to the vendor', 3, 'ann'],
    ])
    const text = (await project.sluice(['failures', 'list'])).stdout
    expect(text).toMatch(/3 runs +bad +Order 4 is unknown to the vendor +ann/)
    const shown = (await project.sluice(['failures', 'show', 'latest'])).stdout
    expect(shown).toContain('bad.ts')
    expect(shown).toMatch(/known to +ann, since/)
    expect(shown).toContain(oldest)
    await project.sluice(['failures', 'know', 'latest', '--undo'])
    expect(toldOf(await listed()).map(([, , by]) => by)).toEqual([null, null])
    await project.sluice(['run', 'bad.ts', 'good'])
    const [good] = JSON.parse((await project.sluice(['runs', 'list', '--limit', '1', '--json'])).stdout) as {
      id: string
    }[]
    const wrong = await project.sluice(['failures', 'show', good!.id])
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('has no error')])
  } finally {
    await project.remove()
  }
})

test('of a server: who knows of a failure is what Home is told', async () => {
  const project = await servedProject(bad)
  try {
    const run = await project.ended(await project.launch('bad', { params: { order: 7 } }))
    const sluice = (...args: string[]) => project.sluice(['failures', ...args, '--server', project.url])
    expect(toldOf((await sluice('list', '--json')).stdout)).toEqual([['Order 7 is unknown to the vendor', 1, null]])
    const { failure } = JSON.parse((await sluice('know', run.id, '--by', 'bob', '--json')).stdout) as {
      failure: string
    }
    expect((await project.client.failures.acknowledged()).acknowledged).toMatchObject([{ failure, by: 'bob' }])
    expect((await sluice('show', run.id)).stdout).toMatch(/known to +bob/)
    await sluice('know', run.id, '--undo')
    expect((await project.client.failures.acknowledged()).acknowledged).toEqual([])
  } finally {
    await project.remove()
  }
})
