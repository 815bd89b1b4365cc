-- Failures that a person knows of, by fingerprint. Times are epoch milliseconds.
create table acknowledgements (
  failure text primary key not null,
  "by" text not null,
  at integer not null
) without rowid;
