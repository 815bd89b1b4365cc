import { flow, task } from 'sluice'

const add = task('add', (a: number, b: number) => a + b)

/** The least that is a tracked run: what starting up costs. */
export const small = flow('small', async () => await add(await add(1, 2), 3))

if (import.meta.main) await small()
