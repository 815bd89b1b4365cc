// Streams two million rows into a table and out again, and tells the most memory that the process had.
import { type Column, type Table } from '@sluice/core'
import { duckdb, parquet } from '../index.ts'

const COUNT = Number(process.argv[4] ?? 2_000_000)
const [manager, root] = process.argv.slice(2) as [string, string]
const options = { memory: '128MB', threads: 2 }
const io = await (manager === 'duckdb' ? duckdb('stream.duckdb', options) : parquet('stream', options)).open({
  root,
  home: root,
  readOnly: false,
})
const columns: Column[] = [
  { name: 'id', type: 'integer', nullable: false },
  { name: 'text', type: 'string', nullable: false },
  { name: 'at', type: 'date', nullable: false },
]
const context = {
  name: 'large',
  partition: null,
  columns,
  slot: { run: 'r1', epoch: 1, step: 1, attempt: 1 },
  signal: new AbortController().signal,
}

async function* source(): AsyncGenerator<unknown> {
  for (let id = 0; id < COUNT; id += 1)
    yield { id, text: `row ${id} ${'x'.repeat(100)} ${(id * 7919) % 1_000_003}`, at: new Date(id * 1000) }
}

const { ref } = await io.write(source(), context)
const written = process.resourceUsage().maxRSS / 1024
let rows = 0
for await (const row of ((await io.read(ref, context)) as Table<{ id: number }>).rows()) rows += row.id >= 0 ? 1 : 0
await io.close()
process.send!({ rows, written, peak: process.resourceUsage().maxRSS / 1024 })
process.disconnect!()
