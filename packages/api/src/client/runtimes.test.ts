import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runInNewContext } from 'node:vm'
import { type Store, newRun } from '@sluice/engine'
import { type Server, openServer } from '@sluice/server'
import { openSqliteInProcess } from '@sluice/storage'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test } from 'vitest'

let store: Store
let server: Server
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-client-'))
  store = await openSqliteInProcess(':memory:')
  server = await openServer({ store, port: 0, version: '0.1.0', say: () => {} })
  const run = newRun({ target: { kind: 'flow', name: 'sync' }, params: null, entry: null, now: 1 })
  await store.commit([{ change: 'run.create', run }])
})
afterAll(async () => {
  await server.close()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

/** A program that uses all of the client, as one file for browsers. */
async function bundled(format: 'esm' | 'iife'): Promise<string> {
  const entry = join(folder, 'program.ts')
  const client = fileURLToPath(new URL('../client.ts', import.meta.url))
  await writeFile(
    entry,
    `import { createClient, pages } from ${JSON.stringify(client)}
export async function use(url: string): Promise<unknown> {
  const client = createClient({ url })
  const names: string[] = []
  for await (const { runs } of pages(client.runs.list, {})) names.push(...runs.map((run) => run.name))
  const code = await client.ref('nothing').enqueue().catch((error) => error.code)
  for await (const event of client.events.follow({ cursor: '0' })) return { names, code, event: event.type }
}
`,
  )
  const warnings: string[] = []
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    // As a module of a page has it.
    ...(format === 'iife' && { transform: { define: { 'import.meta.url': '"https://shop.example/program.js"' } } }),
    resolve: { conditionNames: ['@sluice/source', 'browser', 'import', 'default'] },
    onLog: (_, { message }) => void warnings.push(message ?? ''),
  })
  const { output } = await build.generate({ format, name: 'program', codeSplitting: false })
  await build.close()
  const [{ code, imports, dynamicImports }] = output
  expect([warnings, imports, dynamicImports, output.length]).toEqual([[], [], [], 1])
  expect(code).not.toMatch(/['"]node:|\brequire\(/)
  return code
}
const expected = { names: ['sync'], code: 'NOT_FOUND', event: 'run.created' }

test('in a browser: the client imports nothing of Node, and uses nothing but what the web has', async () => {
  const code = await bundled('iife')
  const web = {
    AbortController,
    AbortSignal,
    Response,
    TextDecoder,
    TextEncoder,
    URL,
    URLSearchParams,
    clearTimeout,
    crypto,
    fetch,
    setTimeout,
    structuredClone,
  }
  const program = runInNewContext(`${code};program`, { ...web }) as { use(url: string): Promise<unknown> }
  expect(await program.use(server.url)).toEqual(expected)
})

test('on the Node that npm runs on, which may be 20', async () => {
  const file = join(folder, 'program.mjs')
  await writeFile(file, await bundled('esm'))
  const node = process.env['npm_node_execpath'] ?? process.execPath
  const script = `const { use } = await import(${JSON.stringify(file)})
const found = await use(${JSON.stringify(server.url)})
console.log(JSON.stringify({ node: process.version, found }))
process.exit()`
  const { stdout } = await promisify(execFile)(node, ['--input-type=module', '-e', script])
  const { node: version, found } = JSON.parse(stdout) as { node: string; found: unknown }
  expect(found, `on Node ${version}`).toEqual(expected)
})
