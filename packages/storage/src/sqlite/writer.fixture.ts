import { openSqliteStore } from '../index.ts'
import { aFlowRun, aRecord } from './rows.fixture.ts'

// A process that makes a run and records its steps one after another, telling of each when it is acknowledged.
const [path, id, steps] = process.argv.slice(2) as [string, string, string]
const store = await openSqliteStore({ path })
await store.commit([aFlowRun(id), { change: 'run.claim', run: id, from: 0, owner: id, at: 1, codeVersion: null }])
for (let step = 1; step <= Number(steps); step++) {
  const [answer] = await store.commit([aRecord(id, step)])
  if (!answer!.ok) throw new Error(answer!.code)
  process.send!(step)
}
await store.close()
process.disconnect!()
