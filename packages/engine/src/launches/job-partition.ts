import { type JobSnapshot, SluiceError, domainOf, keysIn, sets } from '@sluice/core'
import { keysAt } from '../partitions/keys-at.ts'
import type { PartitionReads } from '../store/ports.ts'
import { slicesFor } from './partitions.ts'

/**
 * The slice that a run of a partitioned job of a flow is of; `null` where the job has none, or there is none.
 *
 * @param text a key, `latest`, or anything else that means exactly one slice.
 * @throws SluiceError PARTITION_REQUIRED, PARTITION_UNKNOWN.
 */
export async function jobPartition(
  store: { readonly partitions: Pick<PartitionReads, 'keys'> },
  target: { readonly kind: string; readonly name: string; readonly job: JobSnapshot | null },
  text: string | undefined,
  now: number,
): Promise<string | null> {
  const { job } = target
  if (!job?.partitions) {
    if (text === undefined) return null
    throw new SluiceError(
      'PARTITION_UNKNOWN',
      `"${job?.name ?? target.name}" is a ${job ? 'job' : target.kind}: it has no partitions.`,
      {
        hint: 'Leave the partition out.',
      },
    )
  }
  const { partitions, name } = job
  const at = await keysAt(store, [{ partitions }], now)
  if (text === undefined)
    throw new SluiceError('PARTITION_REQUIRED', `Job "${name}" is partitioned: say which slice a run is of.`, {
      hint: '--partition latest, or a key.',
    })
  const set = slicesFor(partitions, text, at, `Job "${name}"`)
  if (sets.countOf(set) === 1) return [...keysIn(domainOf(partitions, at), set)][0]!
  throw new SluiceError(
    'PARTITION_UNKNOWN',
    `A run of job "${name}" is of one slice, and ${text} is ${sets.countOf(set)}.`,
    {
      hint: 'Launch it once for each.',
    },
  )
}
