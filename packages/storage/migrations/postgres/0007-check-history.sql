-- What one check came to, newest first.
create index check_results_by_check on check_results (asset, "check", id);
