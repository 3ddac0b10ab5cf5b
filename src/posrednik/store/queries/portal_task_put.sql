-- portal_task_put: a task as it was seen. in: task_id, delivery_id, group_id, chat_id, changed_at, changed_by, seq, texts
-- (JSON text). out: gone_at (before), backs, backs_since
WITH before AS (SELECT gone_at FROM portal_task WHERE task_id = %(task_id)s)
INSERT INTO portal_task AS p (task_id, delivery_id, group_id, chat_id, changed_at, changed_by, seq, texts)
VALUES (%(task_id)s, %(delivery_id)s, %(group_id)s, %(chat_id)s, %(changed_at)s, %(changed_by)s, %(seq)s, %(texts)s::jsonb)
ON CONFLICT (task_id) DO UPDATE SET delivery_id = excluded.delivery_id, group_id = excluded.group_id,
    chat_id = coalesce(excluded.chat_id, p.chat_id), changed_at = excluded.changed_at, changed_by = excluded.changed_by,
    seq = excluded.seq, texts = excluded.texts, seen_at = clock_timestamp(), gone_at = NULL
RETURNING (SELECT gone_at FROM before) AS gone_at, p.backs, p.backs_since
