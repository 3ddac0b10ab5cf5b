-- quarantine_reasons: why things lie in quarantine, the most frequent first. in (null = any): base_id; limit
-- out: base_id, base (its name), kind, code, field, value, n, first_at, last_at, message (of one of them)
SELECT q.base_id, b.name AS base, q.kind, q.code, q.field, q.value, count(*) AS n, min(q.received_at) AS first_at,
    max(q.received_at) AS last_at, min(q.message) AS message
FROM quarantine q JOIN base b ON b.id = q.base_id
WHERE q.cleared_at IS NULL AND (%(base_id)s::uuid IS NULL OR q.base_id = %(base_id)s)
GROUP BY q.base_id, b.name, q.kind, q.code, q.field, q.value
ORDER BY n DESC, q.kind, q.field, q.value LIMIT %(limit)s
