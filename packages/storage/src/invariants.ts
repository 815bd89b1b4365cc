/** What holds between the rows at every commit, and how to say that it does not. Each query gives a column `what`. */
export const rules: readonly { readonly says: string; readonly query: string }[] = [
  {
    says: 'step with an outcome but without its number, or the other way round',
    query: `select run || ' step ' || step as what from steps
      where (state in ('succeeded', 'failed', 'skipped', 'upstream_failed')) <> (seq is not null) and state <> 'canceled'`,
  },
  {
    says: 'two outcomes with one number',
    query: `select run || ' outcome ' || seq as what from steps where seq is not null group by run, seq having count(*) > 1`,
  },
  {
    says: 'step whose parent is unknown or younger',
    query: `select child.run || ' step ' || child.step as what from steps child
      where child.step <> 0 and child.parent <> 0 and (child.parent >= child.step or not exists (
        select 1 from steps where steps.run = child.run and steps.step = child.parent))`,
  },
  {
    says: 'step of a run that is not there, or of an epoch that it never had',
    query: `select steps.run || ' step ' || step as what from steps left join runs on runs.id = steps.run
      where runs.id is null or steps.epoch > runs.epoch`,
  },
  {
    says: 'run that is over without a time, or not over with one',
    query: `select id as what from runs where (state in ('succeeded', 'failed', 'crashed', 'canceled')) <> (ended_at is not null)`,
  },
  {
    says: 'run that somebody should hold, and nobody does, or the other way round',
    query: `select id as what from runs where (state in ('running', 'canceling')) <> (owner is not null)`,
  },
  {
    says: 'asset whose newest record is not the one it is said to be',
    query: `select asset as what from assets
      where latest is distinct from (select max(id) from materializations
        where materializations.asset = assets.asset and kind <> 'wiped')
      union select asset from materializations where kind <> 'wiped' and not exists (select 1 from assets where assets.asset = materializations.asset)`,
  },
  {
    says: 'slice whose newest materialization is not the one it is said to be',
    query: `select asset || '|' || partition as what from slices where materialization is distinct from (
      select max(id) from materializations m where m.asset = slices.asset and m.partition = slices.partition and m.kind = 'materialization')`,
  },
  {
    says: 'run that waits for a worker and stands in no queue, or stands in it and does not wait',
    query: `select id as what from runs left join queue on queue.run = runs.id
      where (terms is not null and runs.state in ('waiting', 'starting')) <> (queue.run is not null)
      union select run from queue where not exists (select 1 from runs where runs.id = queue.run)`,
  },
  {
    says: 'slot that is held by a run that is over or waits',
    query: `select name || ' ' || key || ' ' || run as what from slots
      where run not in (select id from runs where state in ('starting', 'running', 'canceling'))`,
  },
]
