// A process that holds the file `wh.duckdb`, or is in the middle of a write when it is killed.
import { duckdb } from '../index.ts'

const [mode, root] = process.argv.slice(2) as [string, string]
const io = await duckdb('wh.duckdb').open({ root, home: root, readOnly: false })
const columns = [
  { name: 'day', type: 'string', nullable: false },
  { name: 'cents', type: 'integer', nullable: false },
] as const
const into = (step: number) => ({
  name: 'orders',
  partition: null,
  columns,
  slot: { run: 'r1', epoch: 1, step, attempt: 1 },
  signal: new AbortController().signal,
})

const { ref } = await io.write([{ day: 'kept', cents: 1 }], into(1))
await io.published!(ref, into(1))
if (mode === 'hold') {
  process.send!({ ref })
  setInterval(() => {}, 1000)
} else {
  // Enough for whole row groups to be on disk before there is a commit.
  await io.write(endless(), into(2))
}

function* endless(): Generator<{ day: string; cents: number }> {
  for (let cents = 0; ; cents += 1) {
    if (cents === 600_000) process.send!({ ref })
    yield { day: `day ${cents}`, cents }
  }
}
