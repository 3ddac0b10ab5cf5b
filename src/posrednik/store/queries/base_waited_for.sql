-- base_waited_for: what most of a base waits for. in: base_id, most (needs that are looked at), limit. out: needed_kind,
-- needed_ref, n (how many wait for it), since (the longest), name, waits, quarantined (as base_waiting_needs), seen (needs
-- that were looked at: `most` = there may be more)
WITH needs AS (
    (SELECT needed_kind, needed_ref, kind, ref, NULL::timestamptz AS at FROM waiting_need WHERE base_id = %(base_id)s LIMIT %(most)s)
    UNION ALL
    (SELECT 'order', order_ref::text, 'command', '', received_at FROM command
        WHERE base_id = %(base_id)s AND status = 'waiting' AND order_ref IS NOT NULL LIMIT %(most)s)
), groups AS (
    SELECT n.needed_kind, n.needed_ref, count(*) AS n, least(min(w.since), min(n.at)) AS since,
        min(w.ref) AS by_ref, (array_agg(w.kind ORDER BY w.ref))[1] AS by_kind
    FROM needs n
    LEFT JOIN waiting_object w ON w.base_id = %(base_id)s AND w.kind = n.kind AND w.ref = n.ref
    GROUP BY 1, 2 ORDER BY 3 DESC, 4, 2 LIMIT %(limit)s
)
SELECT g.needed_kind, g.needed_ref, g.n, g.since, coalesce(w.data ->> 'number', w.data ->> 'name', l.name, '') AS name,
    w.ref IS NOT NULL AS waits,
    EXISTS (SELECT 1 FROM quarantine q WHERE q.base_id = %(base_id)s AND q.kind = g.needed_kind AND q.ref = g.needed_ref
        AND q.cleared_at IS NULL) AS quarantined,
    (SELECT count(*) FROM needs) AS seen
FROM groups g
LEFT JOIN waiting_object w ON w.base_id = %(base_id)s AND w.kind = g.needed_kind AND w.ref = g.needed_ref
LEFT JOIN LATERAL (
    SELECT line ->> 'name' AS name FROM waiting_object o, jsonb_path_query(o.data, '$.lines[*]') line
    WHERE g.needed_kind = 'product' AND o.base_id = %(base_id)s AND o.kind = g.by_kind AND o.ref = g.by_ref
        AND line ->> 'product' = g.needed_ref LIMIT 1
) l ON true
ORDER BY g.n DESC, g.since, g.needed_ref
