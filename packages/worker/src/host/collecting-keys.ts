import { AsyncLocalStorage } from 'node:async_hooks'
import type { KeyChange } from '@sluice/api/workers'
import { type Calls, SluiceError, currentCalls, installCalls } from '@sluice/core'

interface Sets {
  readonly now: Map<string, Set<string>>
  readonly changes: Map<string, { add: Set<string>; remove: Set<string> }>
}
const looking = new AsyncLocalStorage<Sets>()

/**
 * Runs the code of a sensor. Keys of dynamic partitions that it adds and removes are gathered, to be changed together
 * with what it launches; what it adds it sees.
 */
export async function collectingKeys<T>(
  keys: Readonly<Record<string, readonly string[]>>,
  look: () => Promise<T>,
): Promise<{ result: T; keys: readonly KeyChange[] }> {
  if (!currentCalls()) installCalls(calls)
  const sets: Sets = {
    now: new Map(Object.entries(keys).map(([name, its]) => [name, new Set(its)])),
    changes: new Map(),
  }
  const result = await looking.run(sets, look)
  const changes = [...sets.changes].map(([name, { add, remove }]) => ({ name, add: [...add], remove: [...remove] }))
  return { result, keys: changes.filter(({ add, remove }) => add.length + remove.length > 0) }
}

const partitions: Calls['partitions'] = (name) => {
  const sets = looking.getStore()
  if (!sets) throw refusal(`dynamic('${name}')`)
  const now = sets.now.get(name) ?? new Set()
  const change = sets.changes.get(name) ?? { add: new Set(), remove: new Set() }
  sets.now.set(name, now)
  sets.changes.set(name, change)
  const move = (one: string, to: 'add' | 'remove'): void => {
    const isThere = now.has(one)
    if (isThere === (to === 'add')) return
    if (to === 'add') now.add(one)
    else now.delete(one)
    // What is taken back before anybody saw it is no change.
    if (!change[to === 'add' ? 'remove' : 'add'].delete(one)) change[to].add(one)
  }
  return {
    add: async (all) => all.forEach((one) => move(one, 'add')),
    remove: async (all) => all.forEach((one) => move(one, 'remove')),
    keys: async () => [...now],
  }
}

const refusal = (what: string): SluiceError =>
  new SluiceError('RUN_REQUIRED', `${what} works only inside a run; a sensor or a schedule only decides.`, {
    hint: 'Launch a run that does it.',
  })
const refuse = (what: string) => () => Promise.reject(refusal(what))

const calls: Calls = {
  task: ({ name }) => refuse(`Task "${name}"`)(),
  flow: ({ name }) => refuse(`Flow "${name}"`)(),
  launch: ({ name }) => refuse(`launch() of "${name}"`)(),
  result: refuse('result()'),
  approval: refuse('approval()'),
  use: refuse('use()'),
  hold: refuse('hold()'),
  sleep: refuse('sleep()'),
  load: refuse('load()'),
  log: (level, message) =>
    void process[level === 'error' || level === 'warn' ? 'stderr' : 'stdout'].write(`${message}\n`),
  run: () => undefined,
  step: () => undefined,
  partitions,
}
