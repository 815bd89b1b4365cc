-- How fresh each asset was when somebody looked last, if it has a policy, and since when. Times are epoch milliseconds.
create table freshness (
  asset text collate "C" primary key not null,
  state text collate "C" not null,
  since bigint not null
);
