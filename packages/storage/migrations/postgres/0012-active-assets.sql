-- Runs of assets that are not over: what conditions have to know of, however many other runs wait.
create index runs_active_of_assets on runs (id)
  where kind in ('assets', 'checks') and state in ('waiting', 'starting', 'running', 'canceling');
