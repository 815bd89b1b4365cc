-- How fresh each asset was when somebody looked last, if it has a policy, and since when. Times are epoch milliseconds.
create table freshness (
  asset text primary key not null,
  state text not null,
  since integer not null
) without rowid;
