import { openSqliteInProcess } from '@sluice/storage'
import { type Harness, harness } from '../../packages/engine/src/runs/harness.ts'
import { memory } from '../../packages/engine/src/values/memory.ts'

/** Runs something on a store in memory, as a process would. */
export async function inStore<T>(work: (run: Harness) => Promise<T>): Promise<T> {
  const its = await harness(await openSqliteInProcess(':memory:'), '.', [], undefined, memory())
  try {
    return await work(its)
  } finally {
    await its.values.close()
    await its.store.close()
  }
}
