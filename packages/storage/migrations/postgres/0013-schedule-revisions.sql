alter table schedules add column revision integer not null default 0;
