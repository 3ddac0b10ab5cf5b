-- reconciliation_add: a run begins, unless one of this base is running or its night has had one. in: id, base_id, reason,
-- asked_by, night (null = not by itself). out: id if it has begun
INSERT INTO reconciliation (id, base_id, reason, asked_by, night)
VALUES (%(id)s, %(base_id)s, %(reason)s, %(asked_by)s, %(night)s) ON CONFLICT DO NOTHING RETURNING id
