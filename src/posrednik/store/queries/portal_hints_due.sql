-- portal_hints_due: tasks to look at now, the longest due first. in: limit. out: task_id, mark
SELECT task_id, mark FROM portal_hint WHERE due_at <= statement_timestamp() ORDER BY due_at LIMIT %(limit)s
