-- portal_hints_done: these were looked at. in: arrays task_ids, marks. One that was hinted since stays.
DELETE FROM portal_hint h USING unnest(%(task_ids)b::bigint[], %(marks)b::bigint[]) AS u (task_id, mark)
WHERE h.task_id = u.task_id AND h.mark = u.mark
