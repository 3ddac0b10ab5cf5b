-- portal_hints_due: tasks to look at, the longest due first; nothing while none is due. in: limit, ahead_s: what would be
-- due so soon goes along, since one call reads many. out: task_id, mark
SELECT task_id, mark FROM portal_hint
WHERE due_at <= statement_timestamp() + make_interval(secs => %(ahead_s)s)
    AND EXISTS (SELECT 1 FROM portal_hint WHERE due_at <= statement_timestamp())
ORDER BY due_at LIMIT %(limit)s
