-- What of a code version changed: hashes of its code, its configuration and its lockfile, as JSON.
alter table location_versions add column parts text;
