-- Messages to people: kept until they have left. Times are epoch milliseconds.

create table alerts (
  id text collate "C" primary key not null,
  location text collate "C" not null,
  channel text collate "C" not null,
  message text collate "C" not null,
  state text collate "C" not null,
  attempts integer not null,
  next_at bigint not null,
  error text collate "C",
  created_at bigint not null,
  ended_at bigint
);
create index alerts_due on alerts (next_at) where state = 'waiting';
create index alerts_by_time on alerts (created_at, id);

-- How far each consumer has read the events.
create table cursors (
  name text collate "C" primary key not null,
  after bigint not null
);
