-- What every machine can reach: values of runs on workers elsewhere, uploaded code. A piece of text for each row.

create table blobs (
  ref text not null,
  piece integer not null,
  text text not null,
  primary key (ref, piece)
);
