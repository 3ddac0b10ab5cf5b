-- board_docs: these deliveries with what cards show beside them. in: ids
-- out: doc (text), changed_at, comments, photos (pictures that its steps name, each once), place (whether the last step
-- of a phone knew where it was; null = no such step), kind, data, what (of the incident that has news last; null = none
-- is open; data: JSON text), incidents (how many are open)
SELECT d.doc::text AS doc, d.changed_at, d.comments,
    (SELECT count(DISTINCT p.sha256) FROM step_photo p WHERE p.delivery_id = d.id) AS photos,
    (SELECT e.latitude IS NOT NULL FROM courier_event e WHERE e.delivery_id = d.id AND e.state = 'accepted'
        ORDER BY e.occurred_at DESC, e.seq DESC LIMIT 1) AS place,
    i.doc ->> 'kind' AS kind, (i.doc -> 'data')::text AS data, i.doc ->> 'what' AS what, coalesce(i.n, 0) AS incidents
FROM delivery d
LEFT JOIN LATERAL (
    SELECT o.doc, count(*) OVER () AS n FROM incident o
    WHERE o.order_ref = d.order_ref AND o.state = 'open' ORDER BY o.last_at DESC, o.id DESC LIMIT 1
) i ON true
WHERE d.id = ANY(%(ids)s::uuid[])
