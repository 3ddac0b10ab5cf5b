-- ledger_events: events that move goods or money, in the order in which they were recorded. in: after (pos), types, limit
-- out: pos, id, type, subject_kind, subject_id, version, occurred_at, actor (text), division_ref, trial, data (text),
-- held_by (who had the goods of the delivery before it, null = nobody)
SELECT e.pos, e.id, e.type, e.subject_kind, e.subject_id, e.version, e.occurred_at, e.actor::text AS actor,
    e.division_ref, e.trial, e.data::text AS data, before.data #>> '{delivery,holder,ref}' AS held_by
FROM event e LEFT JOIN event before ON e.type = 'delivery.handed_over' AND before.subject_kind = e.subject_kind
    AND before.subject_id = e.subject_id AND before.version = e.version - 1
WHERE e.pos > %(after)s AND e.type = ANY(%(types)b::text[])
ORDER BY e.pos LIMIT %(limit)s
