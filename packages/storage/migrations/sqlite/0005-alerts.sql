-- Messages to people: kept until they have left. Times are epoch milliseconds.

create table alerts (
  id text primary key not null,
  location text not null,
  channel text not null,
  message text not null,
  state text not null,
  attempts integer not null,
  next_at integer not null,
  error text,
  created_at integer not null,
  ended_at integer
) without rowid;
create index alerts_due on alerts (next_at) where state = 'waiting';
create index alerts_by_time on alerts (created_at, id);

-- How far each consumer has read the events.
create table cursors (
  name text primary key not null,
  after integer not null
) without rowid;
