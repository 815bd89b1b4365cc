-- Every filter of the list of runs finds the newest that pass it by an index, in order: none reads all runs.
create index runs_by_title on runs (title, id) where title is not null;
create index run_tags_by_tag on run_tags (tag, run);
insert into run_tags (tag, value, run)
  select distinct 'sluice/partition', partition.value, runs.id
  from runs, jsonb_array_elements_text(runs.partitions::jsonb) as partition
  where runs.partitions is not null;

-- Every name and title of a run, once: text is looked for here, and not in each run.
create table run_texts (
  text text collate "C" primary key not null
);
insert into run_texts select name from runs union select title from runs where title is not null;

-- What waits for limits, whatever stands in the queue besides.
create index queue_by_block on queue (blocked_on, blocked_key) where blocked_on is not null;
