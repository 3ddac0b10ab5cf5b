-- view_quarantine: what could not be applied. in: limit. out: id, base, kind, ref, code, message, received_at, number
SELECT q.id, b.name AS base, q.kind, q.ref, q.code, q.message, q.received_at, q.number
FROM quarantine q JOIN base b ON b.id = q.base_id WHERE q.cleared_at IS NULL ORDER BY q.id DESC LIMIT %(limit)s
