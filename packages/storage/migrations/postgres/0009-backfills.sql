-- Many runs made to fill many partitions: one row, however many. `plan` never changes; `version` is raised by whoever
-- decides. Times are epoch milliseconds.

create table backfills (
  id text collate "C" primary key not null,
  location text collate "C" not null,
  state text collate "C" not null,
  version integer not null,
  plan text collate "C" not null,
  progress text collate "C" not null,
  created_at bigint not null,
  ended_at bigint
);
create index backfills_active on backfills (id) where state in ('running', 'paused', 'canceling');
