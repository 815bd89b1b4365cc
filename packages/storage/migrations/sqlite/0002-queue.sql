-- Runs that wait for workers, what they hold, who executes them, and what launches them. Times are epoch milliseconds.

alter table runs add column job text;
alter table runs add column location text;
alter table runs add column pool text;
alter table runs add column terms text;
alter table runs add column cause text not null default '{"by":"person"}';
alter table runs add column owners text not null default '[]';
create index runs_by_job on runs (job, id) where job is not null;
create index runs_by_owner on runs (owner) where owner is not null;

-- One row for each run that waits. `ready`: it may be admitted; `later`: not before `due_at`; `blocked`: until a slot of
-- (blocked_on, blocked_key) is free. `delivered`: admitted at `due_at`, and no worker has claimed it yet.
create table queue (
  run text primary key not null,
  state text not null,
  pool text not null,
  priority integer not null,
  job text not null,
  due_at integer not null,
  blocked_on text,
  blocked_key text,
  limits text not null
) without rowid;
create index queue_in_order on queue (pool, priority desc, job, run) where state = 'ready';
create index queue_by_time on queue (state, due_at) where state in ('later', 'delivered');
create index queue_by_limit on queue (blocked_on, blocked_key, priority desc, run) where state = 'blocked';

-- Whose turn it is among jobs of one priority: the one that was served longest ago. A row stays when its job has none.
create table queue_turns (
  pool text not null,
  priority integer not null,
  job text not null,
  served integer not null,
  primary key (pool, priority, job)
) without rowid;

-- Who holds what. The slots of a pool are a limit like others, called pool:NAME. Step 0 is the run itself.
create table slots (
  name text not null,
  key text not null,
  run text not null,
  step integer not null,
  taken_at integer not null,
  primary key (name, key, run, step)
) without rowid;
create index slots_by_run on slots (run);

-- Steps that wait for their turn, in order.
create table slot_waiters (
  id integer primary key autoincrement,
  name text not null,
  key text not null,
  run text not null,
  step integer not null,
  at_once integer not null,
  unique (name, key, run, step)
);
create index slot_waiters_by_run on slot_waiters (run);

create table buckets (
  name text not null,
  key text not null,
  tokens real not null,
  filled_at integer not null,
  primary key (name, key)
) without rowid;

create table workers (
  id text primary key not null,
  name text not null,
  pool text not null,
  slots integer not null,
  draining integer not null,
  versions text not null,
  machine text not null,
  joined_at integer not null,
  lease_until integer not null
) without rowid;

create table schedules (
  location text not null,
  name text not null,
  origin text not null,
  spec text not null,
  fingerprint text not null,
  paused integer,
  retired integer not null,
  watermark integer not null,
  primary key (location, name)
) without rowid;

create table sensors (
  location text not null,
  name text not null,
  spec text not null,
  paused integer,
  retired integer not null,
  cursor text,
  after integer not null,
  next_at integer not null,
  failures integer not null,
  leased_by text,
  lease_until integer not null,
  primary key (location, name)
) without rowid;

create table ticks (
  id integer primary key autoincrement,
  kind text not null,
  location text not null,
  name text not null,
  scheduled_for integer not null,
  decided_at integer not null,
  outcome text not null,
  reason text,
  error text,
  runs text not null,
  count integer not null
);
create index ticks_by_name on ticks (kind, location, name, id);

-- What was launched once: a second request with the same word finds the first run.
create table once_keys (
  scope text not null,
  key text not null,
  run text not null,
  at integer not null,
  primary key (scope, key)
) without rowid;

create table locations (
  name text primary key not null,
  active text,
  activated_at integer,
  problem text
) without rowid;

create table location_versions (
  location text not null,
  version text not null,
  snapshot text not null,
  entries text not null,
  git text,
  bundle text,
  created_at integer not null,
  primary key (location, version)
) without rowid;
