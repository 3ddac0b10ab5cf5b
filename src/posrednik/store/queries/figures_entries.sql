-- figures_entries: how these events are counted now, locked until the commit. in: event_ids
-- out: event_id, day, division_ref, courier_ref, counted
SELECT event_id, day, division_ref, courier_ref, counted FROM day_entry
WHERE event_id = ANY(%(event_ids)b::uuid[]) ORDER BY event_id FOR UPDATE
