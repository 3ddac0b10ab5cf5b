-- events_whose: whose a message is. in: event_ids. out: id, division_ref, base_id, trial
SELECT id, division_ref, base_id, trial FROM event WHERE id = ANY(%(event_ids)b::uuid[])
