-- Times are epoch milliseconds, booleans 0 or 1, structured columns JSON text. A stored value is either inline (the
-- encoding itself, in the column named for it) or a reference (`…_ref`, JSON); the reference '' marks a value that was
-- collected. A partition of '' is none, so that it can be part of a key.

create table runs (
  id text primary key not null,
  state text not null,
  waiting_for text,
  epoch integer not null,
  kind text not null,
  target text not null,
  partitions text,
  name text not null,
  title text,
  params text,
  tags text not null,
  entry text,
  code_version text,
  owner text,
  retry_of text,
  resumes integer not null,
  cancel_requested integer not null,
  error text,
  result text,
  result_ref text,
  created_at integer not null,
  started_at integer,
  ended_at integer
) without rowid;
create index runs_by_state on runs (state, id);
create index runs_by_name on runs (name, id);
create index runs_by_value on runs (result_ref) where result_ref is not null;

create table run_tags (
  tag text not null,
  value text not null,
  run text not null,
  primary key (tag, value, run)
) without rowid;

create table run_assets (
  asset text not null,
  run text not null,
  primary key (asset, run)
) without rowid;

-- The journal. Only what reads need is indexed: every step of every run passes here.
create table steps (
  run text not null,
  step integer not null,
  parent integer not null,
  kind text not null,
  name text not null,
  identity text not null,
  key text,
  state text not null,
  waiting_for text,
  attempt integer not null,
  epoch integer not null,
  floor integer not null,
  seq integer,
  after integer not null,
  tracked integer not null,
  started_at integer,
  ended_at integer,
  args text,
  upstream text,
  result text,
  result_ref text,
  error text,
  reason text,
  cached_from text,
  tags text,
  primary key (run, step)
) without rowid;
create index steps_by_value on steps (result_ref) where result_ref is not null;

create table materializations (
  id integer primary key autoincrement,
  kind text not null,
  asset text not null,
  partition text not null,
  run text not null,
  epoch integer not null,
  step integer not null,
  attempt integer not null,
  at integer not null,
  value text,
  value_ref text,
  data_version text not null,
  code_version text,
  input_versions text not null,
  metadata text not null,
  unique (run, step, asset, partition, kind, epoch, attempt)
);
create index materializations_by_slice on materializations (asset, partition, id);
create index materializations_by_asset on materializations (asset, id);
create index materializations_by_value on materializations (value_ref) where value_ref is not null;

-- What is current, kept with every record: each asset's newest record, and each slice's newest materialization.
create table assets (
  asset text primary key not null,
  latest integer not null,
  records integer not null,
  partitions integer not null
) without rowid;

create table slices (
  asset text not null,
  partition text not null,
  materialization integer,
  observation integer,
  primary key (asset, partition)
) without rowid;

create table check_results (
  id integer primary key autoincrement,
  asset text not null,
  "check" text not null,
  partition text not null,
  run text not null,
  epoch integer not null,
  step integer not null,
  at integer not null,
  passed integer not null,
  severity text not null,
  blocking integer not null,
  metadata text not null,
  unique (run, step, asset, "check", partition, epoch)
);
create index check_results_by_slice on check_results (asset, "check", partition, id);

create table partition_keys (
  id integer primary key autoincrement,
  name text not null,
  key text not null,
  added_at integer not null,
  unique (name, key)
);

create table cache_entries (
  key text primary key not null,
  run text not null,
  step integer not null,
  value text,
  value_ref text,
  at integer not null,
  expires_at integer
) without rowid;
create index cache_entries_by_value on cache_entries (value_ref) where value_ref is not null;

create table events (
  id integer primary key autoincrement,
  type text not null,
  at integer not null,
  run text,
  step integer,
  asset text,
  partition text,
  data text not null
);
create index events_by_run on events (run);

create table log_lines (
  id integer primary key,
  run text not null,
  step integer not null,
  attempt integer not null,
  at integer not null,
  level text not null,
  message text not null,
  data text
);
create index log_lines_by_run on log_lines (run);

-- The last numbered message of each holder of a run, for changes that have no identity of their own.
create table deliveries (
  run text not null,
  epoch integer not null,
  last integer not null,
  primary key (run, epoch)
) without rowid;
