import type { Run } from '@sluice/core'

/** A query of the list of runs, as it stands in the address. */
export type Query = Readonly<Record<string, string>>

/**
 * Every filter: one that many runs pass, few, only the oldest, and none; and what people put together, with results and
 * without.
 */
export function casesOf(run: (n: number) => Run, count: number): Readonly<Record<string, Query>> {
  // The first one past the middle that makes assets.
  let n = Math.floor(count / 2)
  while (run(n).target.kind !== 'assets') n += 1
  const some = run(n)
  const { assets, partitions } = some.target as Extract<Run['target'], { kind: 'assets' }>
  const asset = assets[0]!
  const partition = partitions![0]!
  const at = (part: number): string => String(run(Math.floor(count * part)).createdAt)
  return {
    first_page: {},
    page_in_the_middle: { cursor: some.id },
    state_common: { states: 'succeeded' },
    state_rare: { states: 'crashed' },
    state_several: { states: 'failed,crashed,canceled' },
    state_none: { states: 'canceling' },
    job: { job: some.job! },
    job_old: { job: 'legacy-import' },
    job_none: { job: 'gone' },
    name: { name: some.name },
    tag_any: { tag: 'env' },
    tag_common: { tag: 'env=prod' },
    tag_rare: { tag: 'urgent' },
    tag_none: { tag: 'env=gone' },
    owner: { owner: 'team:team-3' },
    owner_none: { owner: 'team:gone' },
    asset: { asset },
    asset_none: { asset: 'warehouse/gone' },
    partition: { partition },
    partition_none: { partition: '1999-01-01' },
    text_common: { text: 'sync' },
    text_old: { text: 'LEGACY' },
    text_title: { text: 'of region 17' },
    text_day: { text: '2025-03' },
    text_short: { text: 'zz' },
    text_none: { text: 'nothing is called so' },
    text_id: { text: some.id },
    time: { since: at(0.3), until: at(0.300_1) },
    time_none: { until: '5' },
    state_and_tag: { states: 'failed', tag: 'team=team-3' },
    state_and_old_job: { states: 'failed', job: 'legacy-import' },
    state_and_none: { states: 'canceling', text: 'region 17' },
    state_owner_text: { states: 'failed,crashed', owner: 'team:team-4', text: 'sync' },
    state_job_tag: { states: 'crashed', job: some.job!, tag: 'env=prod' },
    state_and_title: { states: 'failed', text: 'Load 2025' },
    common_and_old_text: { states: 'succeeded', text: 'legacy' },
    asset_and_partition: { asset, partition },
    old_job_and_recent: { job: 'legacy-import', since: at(0.9) },
    old_text_and_rare_tag: { text: 'legacy', tag: 'urgent' },
    tag_and_state_and_time: { tag: 'env=prod', states: 'succeeded', since: at(0.4), until: at(0.5) },
    owner_of_another_team: { owner: 'team:team-4', tag: 'team=team-3' },
  }
}
