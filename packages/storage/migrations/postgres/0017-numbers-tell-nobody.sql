-- Who commits tells who listens (`pg_notify` with the name of its store), so that a store need not hear of itself. That
-- events were numbered is no news besides.
create or replace function number_events() returns bigint language plpgsql as $$
declare
  numbered bigint;
begin
  if not exists (select from events where id is null) then
    return 0;
  end if;
  perform pg_advisory_xact_lock(hashtext('sluice ' || current_schema()), 2);
  update events set id = next.id
    from (select placed, nextval('event_numbers') as id
      from (select placed from events where id is null order by placed) as waiting) as next
    where events.placed = next.placed;
  get diagnostics numbered = row_count;
  return numbered;
end
$$;
