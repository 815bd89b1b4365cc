-- A version of the code is kept as long as a run has it.
create index runs_by_version on runs (code_version) where code_version is not null;
