import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RealProject, realProject } from '../../../fixtures/real-project.ts'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const pipeline = `
import { dynamic } from 'sluice'
const perCustomer = limit('customer', { atOnce: 1 })
export const sync = flow('sync', { limit: ({ customer }) => perCustomer.per(customer), params: z.object({ customer: z.string() }) },
  async () => opened('open'))
const customers = dynamic('customers')
export const raw = asset('raw', { partitions: customers }, (_, { partition }) => [{ of: partition.key }, { of: partition.key }])
export const total = asset('total', { group: 'marts', inputs: { raw } }, async ({ raw }) => (await raw.values()).length)
`

let project: ServedProject
/** Where nothing of the project is. */
let elsewhere: RealProject
beforeAll(async () => {
  project = await servedProject(pipeline)
  elsewhere = await realProject()
})
afterAll(async () => {
  await project.remove()
  await elsewhere.remove()
})

const there = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await elsewhere.sluice([...args, '--server', project.url])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout
}
/** Lines of a table, each as its cells. */
const cells = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/))

test('queue and limits say what waits, for what, and who holds it', async () => {
  expect(await there('limits')).toBe('No limit is in use.\n')
  const first = await project.launch('sync', { params: { customer: 'acme' } })
  await project.until(first, 'running')
  const second = await project.launch('sync', { params: { customer: 'acme' } })
  const far = await project.launch('sync', { params: { customer: 'other' }, pool: 'far' })
  const late = await project.launch('sync', { params: { customer: 'other' }, startAt: Date.now() + 3_600_000 })
  await expect
    .poll(async () => (await project.client.runs.get({ run: second.id })).run.waitingFor, { timeout: 60_000 })
    .toMatchObject({ for: 'turn' })

  expect(cells(await there('limits', 'list'))).toContainEqual(['customer', 'acme', '1', '1', first.id])
  const lines = cells(await there('queue'))
  expect(lines[0]).toEqual(['pool', 'slots', 'ready', 'behind a limit', 'later', 'handed out'])
  expect(lines.slice(1, 3)).toEqual([
    ['default', '1/4', '0', '1', '1', '0'],
    ['far', 'no worker', '1', '0', '0', '0'],
  ])
  // Without an address the server of the project is found.
  const found = await project.sluice(['queue', '--json'])
  expect(JSON.parse(found.stdout)).toContainEqual(expect.objectContaining({ pool: 'far', slots: 0, ready: 1 }))
  expect(cells(await there('workers'))[1]).toEqual(expect.arrayContaining(['default', '1 of 4', first.id]))

  for (const { id } of [far, late]) await project.client.runs.cancel({ run: id })
  await writeFile(join(project.folder, 'open'), '')
  for (const run of [first, second]) expect((await project.ended(run)).state).toBe('succeeded')
})

test('keys of dynamic partitions are added, listed and removed, there and here', async () => {
  expect(await there('partitions', 'list', 'customers')).toContain('"customers" has no keys')
  expect(await there('partitions', 'add', 'customers', 'acme', 'umbrella')).toContain('acme, umbrella added')
  expect(await there('partitions', 'add', 'customers', 'acme')).toContain('acme was there already')
  expect(await there('partitions', 'list', 'customers')).toBe('acme\numbrella\n')
  expect(JSON.parse(await there('partitions', 'remove', 'customers', 'umbrella', 'unknown', '--json'))).toEqual({
    name: 'customers',
    removed: ['umbrella'],
    unchanged: ['unknown'],
    keys: 1,
  })

  // A store without a server.
  expect((await elsewhere.sluice(['partitions', 'add', 'customers', 'here'])).exitCode).toBe(0)
  expect((await elsewhere.sluice(['partitions', 'list', 'customers', '--json'])).stdout).toBe('["here"]\n')
  const empty = await elsewhere.sluice(['partitions', 'add', 'customers', ''])
  expect([empty.exitCode, empty.stderr]).toEqual([2, expect.stringContaining('A key has no text')])
})

test('assets of a server: what there is, one of them, and what it holds', async () => {
  await project.ended(await project.launch('raw', { partition: 'acme' }))
  await project.ended(await project.launch('total'))
  const rows = cells(await there('assets', 'list'))
  expect(rows.slice(1).map(([name]) => name)).toEqual(['raw', 'total'])
  expect(rows[1]).toContain('dynamic 1/1')
  expect(cells(await there('assets', 'list', '--select', 'group:marts'))).toHaveLength(2)

  const page = await there('assets', 'show', 'raw')
  expect(page).toMatch(/used by +total/)
  expect(page).toMatch(/missing +none/)
  expect(page).toContain(`sluice assets value raw --partition acme --server ${project.url}`)
  expect(await there('assets', 'value', 'raw', '--partition', 'acme', '--json')).toBe('{"of":"acme"}\n{"of":"acme"}\n')
  expect(await there('assets', 'value', 'total')).toBe('1\n')

  const unknown = await elsewhere.sluice(['assets', 'show', 'rwa', '--server', project.url])
  expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('ASSET_UNKNOWN')])
  const both = await elsewhere.sluice(['assets', 'list', 'pipeline.ts', '--server', project.url])
  expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining('pipeline.ts is of this machine')])
})
