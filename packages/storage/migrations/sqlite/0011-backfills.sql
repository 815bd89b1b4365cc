-- Many runs made to fill many partitions: one row, however many. `plan` never changes; `version` is raised by whoever
-- decides. Times are epoch milliseconds.

create table backfills (
  id text primary key not null,
  location text not null,
  state text not null,
  version integer not null,
  plan text not null,
  progress text not null,
  created_at integer not null,
  ended_at integer
) without rowid;
create index backfills_active on backfills (id) where state in ('running', 'paused', 'canceling');
