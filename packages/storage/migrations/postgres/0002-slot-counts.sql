-- A holder may take several slots of a limit at once: limit.hold(3).
alter table slots add column count integer not null default 1;
alter table slot_waiters add column count integer not null default 1;
