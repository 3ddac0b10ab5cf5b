-- figures_events: events that are counted, in the order in which they were recorded. in: after (pos), types, limit
-- out: the columns of ledger_events, base_id; held_by is not looked up
SELECT e.pos, e.id, e.type, e.subject_kind, e.subject_id, e.version, e.occurred_at, e.actor::text AS actor,
    e.division_ref, e.trial, e.data::text AS data, e.base_id, NULL AS held_by
FROM event e WHERE e.pos > %(after)s AND e.type = ANY(%(types)b::text[]) ORDER BY e.pos LIMIT %(limit)s
