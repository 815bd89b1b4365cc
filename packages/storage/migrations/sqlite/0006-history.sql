-- What deleting old history asks: is there a retry of the run, and who else has the value of a step that goes?
create index runs_by_retry on runs (retry_of) where retry_of is not null;
create index steps_by_cached on steps (cached_from) where cached_from is not null;
create index cache_entries_by_step on cache_entries (run, step) where value_ref is not null;
