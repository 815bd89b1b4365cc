import type { Run } from '@sluice/core'
import type { Store } from '@sluice/engine'

/** So many of those that succeeded later are looked at. */
const most = 100

/** The newest run that did later what this one could not; `null` for none. */
export async function mendedBy({ runs }: Pick<Store, 'runs'>, run: Run): Promise<string | null> {
  const partitions = partitionsOf(run)
  const later = await runs.list({
    name: run.name,
    states: ['succeeded'],
    since: run.createdAt,
    limit: most,
    ...(run.job !== null && { job: run.job }),
    ...(partitions?.length === 1 && { partition: partitions[0]! }),
  })
  return later.find((one) => isSame(one, run))?.id ?? null
}

const partitionsOf = ({ target }: Run): readonly string[] | null => ('partitions' in target ? target.partitions : null)

/** Was it asked for the same, by whomever? */
const isSame = (one: Run, other: Run): boolean =>
  one.target.kind === other.target.kind &&
  one.params === other.params &&
  (partitionsOf(one) ?? []).join('\n') === (partitionsOf(other) ?? []).join('\n')
