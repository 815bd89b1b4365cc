-- What conditions remember from one look to the next. Times are epoch milliseconds.

-- One row: how many looks were decided, and when the last one was.
create table condition_head (
  one integer primary key not null check (one = 1),
  version integer not null,
  at integer not null
);

-- Of each asset and check (`check:ASSET:NAME`), as of the look that changed it last.
create table condition_states (
  entity text primary key not null,
  state text not null,
  version integer not null
) without rowid;
create index condition_states_by_version on condition_states (version);

-- What people paused; the entity '' is all of them.
create table condition_pauses (
  entity text primary key not null,
  paused integer not null
) without rowid;

-- The trees that say why something was requested, or was not: kept where they say something new.
create table condition_evaluations (
  id integer primary key autoincrement,
  entity text not null,
  at integer not null,
  requested text not null,
  run text,
  error text,
  tree text not null
);
create index condition_evaluations_by_entity on condition_evaluations (entity, id);
