-- division_untold: deliveries whose newest state nobody was told: the open ones, and those that ended since `quiet_since`
-- (null = ever) and have a task that does not know it. in: ref, quiet_since
-- out: id, order_ref, order_number, event_id, type, version, occurred_at, trial, data (JSON text), key
-- quiet_since keeps it from reading the whole history of a division. An hour before it, because what waited for the switch
-- began, and got its changed_at, before it.
SELECT d.id, d.order_ref, d.order_number, e.id AS event_id, e.type, e.version, e.occurred_at, d.trial,
    e.data::text AS data, 'delivery:' || d.id AS key
FROM (
    SELECT * FROM delivery WHERE division_ref = %(ref)s
        AND on_board AND stage NOT IN ('settled', 'returned', 'cancelled')
    UNION ALL
    SELECT d.* FROM delivery d
    WHERE d.division_ref = %(ref)s AND d.changed_at >= coalesce(%(quiet_since)s::timestamptz - interval '1 hour', '-infinity')
        AND NOT (d.on_board AND d.stage NOT IN ('settled', 'returned', 'cancelled'))
        AND EXISTS (SELECT 1 FROM lane l JOIN destination x ON x.id = l.destination_id AND x.kind = 'bitrix24'
            WHERE l.key = 'delivery:' || d.id AND l.last_seq > 0)
) d
JOIN event e ON e.subject_kind = 'delivery' AND e.subject_id = d.id::text AND e.version = d.version
WHERE NOT e.published
ORDER BY d.id
