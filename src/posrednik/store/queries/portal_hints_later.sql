-- portal_hints_later: look at these again in a while. in: arrays task_ids, marks; in_s. What was hinted since stays as due.
UPDATE portal_hint h SET due_at = clock_timestamp() + make_interval(secs => %(in_s)s)
FROM unnest(%(task_ids)b::bigint[], %(marks)b::bigint[]) AS u (task_id, mark)
WHERE h.task_id = u.task_id AND h.mark = u.mark
