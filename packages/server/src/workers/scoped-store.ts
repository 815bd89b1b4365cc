import { SluiceError } from '@sluice/core'
import type { Change, Store, Together } from '@sluice/engine/store'

/** Of one run, by whoever holds it; and what user code in it may do besides. */
function belongs(change: Change, run: string): boolean {
  switch (change.change) {
    case 'step.record':
      return change.step.run === run
    // The name has the run and its epoch in it.
    case 'blob.put':
      return change.ref.startsWith('values/') && change.ref.split('/').at(-1)!.startsWith(`${run}-`)
    case 'asset.record':
      return change.materialization.run === run
    case 'check.record':
      return change.result.run === run
    case 'event.add':
      return change.event.run === run
    // A run that a step launches is its child.
    case 'run.create':
      return change.run.cause.parent?.run === run
    case 'asset.fail':
    case 'run.end':
    case 'run.adopt':
    case 'run.requeue':
    case 'log.add':
    case 'cache.put':
    case 'slot.take':
    case 'slot.free':
      return change.run === run
    case 'partitions.add':
    case 'partitions.remove':
    case 'values.dropped':
    case 'blob.remove':
      return true
    default:
      return false
  }
}

/** The store as a process has it that is only asked something: it reads everything, and writes nothing. */
export function readOnlyStore(store: Store): Store {
  return {
    ...store,
    commit: () => Promise.reject(new SluiceError('FORBIDDEN', 'Code that is only asked something writes nothing.')),
    close: async () => {},
  }
}

/** The store as the process of one run has it: it reads everything, and writes what belongs to its run. */
export function scopedStore(store: Store, run: string): Store {
  const check = (item: Change | Together): void => {
    const changes = Array.isArray(item) ? (item as Together) : [item as Change]
    for (const change of changes) {
      if (belongs(change, run)) continue
      throw new SluiceError('FORBIDDEN', `The process of run ${run} may not write ${change.change} for something else.`)
    }
  }
  return {
    ...store,
    async commit(items) {
      items.forEach(check)
      return store.commit(items)
    },
    close: async () => {},
  }
}
