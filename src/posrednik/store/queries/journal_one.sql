-- journal_one: one line of the journal with what it is about. in: at, id
-- out: the columns of journal_search, detail (JSON text), event_type, event_data (JSON text), body (of the message of 1C,
-- packed by zlib, or null)
SELECT j.id, j.at, j.kind, j.system, j.outcome, j.order_ref, j.event_id, j.attempt, j.duration_ms, j.code, j.summary,
    (SELECT d.order_number FROM base b JOIN delivery d ON d.base_id = b.id AND d.order_ref = j.order_ref LIMIT 1)
        AS order_number,
    j.detail::text AS detail, e.type AS event_type, e.data::text AS event_data, i.body
FROM journal j LEFT JOIN event e ON e.id = j.event_id
LEFT JOIN LATERAL (
    SELECT i.body FROM inbox i JOIN base b ON b.id = i.base_id
    WHERE j.kind = 'message' AND j.system = 'onec:' || b.id AND i.number = (j.detail ->> 'number')::bigint
    ORDER BY abs(extract(epoch FROM i.received_at - j.at)) LIMIT 1) i ON true
WHERE j.at = %(at)s AND j.id = %(id)s
