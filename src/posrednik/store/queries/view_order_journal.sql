-- view_order_journal: every exchange about an order, oldest first. in: order_ref, limit
-- out: at, kind, system, outcome, event_id, attempt, duration_ms, code, summary, event_type, method (of a
-- message beside the task)
SELECT j.at, j.kind, j.system, j.outcome, j.event_id, j.attempt, j.duration_ms, j.code, j.summary, e.type AS event_type,
    CASE WHEN j.kind = 'attempt' THEN j.detail ->> 'method' END AS method
FROM (SELECT * FROM journal WHERE order_ref = %(order_ref)s ORDER BY at DESC LIMIT %(limit)s) j
LEFT JOIN event e ON e.id = j.event_id
ORDER BY j.at, j.id
