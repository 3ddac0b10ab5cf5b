-- quiet_backpacks: couriers whose backpack can be compared with 1C's stock of their warehouse: 1C has told of its stock,
-- nothing of their sales and loads waits to be sent or taken, none of it moved since a moment, on either side.
-- in: since, courier_ref (or null for all). out: courier_ref
-- What 1C answered is looked for among postings of a month; older events are long answered, or still wait as messages.
WITH waits AS (
    SELECT DISTINCT e.data ->> 'courier_ref' AS courier_ref
    FROM message m JOIN event e ON e.id = m.event_id JOIN lane l ON l.id = m.lane_id
    JOIN destination d ON d.id = l.destination_id
    WHERE d.kind = 'onec' AND e.subject_kind IN ('sale', 'backpack')
), bags AS (
    SELECT w.base_id, w.data ->> 'courier' AS courier_ref, bool_or(s.ref IS NOT NULL) AS told, max(s.changed_at) AS changed_at
    FROM mirror w LEFT JOIN mirror s
        ON s.base_id = w.base_id AND s.kind = 'stock' AND s.data ->> 'warehouse' = w.ref
    WHERE w.kind = 'warehouse' AND NOT w.deleted AND w.data ->> 'courier' IS NOT NULL
        AND (%(courier_ref)s::text IS NULL OR w.data ->> 'courier' = %(courier_ref)s)
    GROUP BY 1, 2
)
SELECT b.courier_ref FROM bags b
WHERE b.told AND b.changed_at < %(since)s
    AND NOT EXISTS (SELECT 1 FROM waits x WHERE x.courier_ref = b.courier_ref)
    AND NOT EXISTS (SELECT 1 FROM courier_event c WHERE c.courier_ref = b.courier_ref AND c.state = 'parked')
    AND NOT EXISTS (SELECT 1 FROM goods_posting p
        LEFT JOIN outgoing o ON o.base_id = b.base_id AND o.event_id = p.event_id
        WHERE p.courier_ref = b.courier_ref AND p.at > %(since)s - interval '31 days'
            AND 'backpack:' || b.courier_ref IN (p.source, p.target)
            AND (p.posted_at >= %(since)s OR o.answered_at >= %(since)s))
ORDER BY 1
