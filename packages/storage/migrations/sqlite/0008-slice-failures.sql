-- The run that last tried to make a slice and did not; null when it was made since.
alter table slices add column failed text;
alter table slices add column failed_at integer;
create index slices_failed on slices (asset, partition) where failed is not null;
