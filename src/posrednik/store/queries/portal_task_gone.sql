-- portal_task_gone: a task is not there any more. in: task_id, delivery_id. out: a row if that is news
INSERT INTO portal_task AS p (task_id, delivery_id, gone_at) VALUES (%(task_id)s, %(delivery_id)s, clock_timestamp())
ON CONFLICT (task_id) DO UPDATE SET gone_at = excluded.gone_at, seen_at = excluded.seen_at WHERE p.gone_at IS NULL
RETURNING p.task_id
