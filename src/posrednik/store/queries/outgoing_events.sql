-- outgoing_events: events of a base by number. in: base_id, event_ids (null = all), after, limit
-- out: number, id, type, subject_kind, subject_id, version, occurred_at, actor (text), division_ref, trial, order_ref, data (text)
SELECT o.number, e.id, e.type, e.subject_kind, e.subject_id, e.version, e.occurred_at, e.actor::text AS actor,
    e.division_ref, e.trial, e.order_ref, e.data::text AS data
FROM outgoing o JOIN event e ON e.id = o.event_id
WHERE o.base_id = %(base_id)s AND o.number > %(after)s
    AND (%(event_ids)b::uuid[] IS NULL OR o.event_id = ANY(%(event_ids)b::uuid[]))
ORDER BY o.number LIMIT %(limit)s
