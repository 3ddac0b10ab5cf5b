-- base_waited_for: what most of a base waits for. in: base_id, most (different things that are looked at), limit; many, few (each
-- count ends at `many`, an age is told of at most `few`). out: needed_kind, needed_ref, n (how many wait for it), since (the
-- longest, null: they are more than `few`), name, waits, quarantined (as base_waiting_needs), seen (things that were looked at)
-- Goes from one needed thing to the next in the index and counts each for a while, so a hundred thousand that wait cost little.
WITH RECURSIVE things AS (
    (SELECT needed_kind, needed_ref, 1 AS place FROM waiting_need WHERE base_id = %(base_id)s ORDER BY needed_kind, needed_ref LIMIT 1)
    UNION ALL
    SELECT n.needed_kind, n.needed_ref, t.place + 1
    FROM things t CROSS JOIN LATERAL (
        SELECT needed_kind, needed_ref FROM waiting_need
        WHERE base_id = %(base_id)s AND (needed_kind, needed_ref) > (t.needed_kind, t.needed_ref)
        ORDER BY needed_kind, needed_ref LIMIT 1) n
    WHERE t.place < %(most)s
), groups AS (
    SELECT t.needed_kind, t.needed_ref, c.n, NULL::timestamptz AS since
    FROM things t CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM (SELECT 1 FROM waiting_need n
            WHERE n.base_id = %(base_id)s AND n.needed_kind = t.needed_kind AND n.needed_ref = t.needed_ref LIMIT %(many)s) x) c
    UNION ALL
    SELECT 'order', c.order_ref::text, count(*), min(c.received_at)
    FROM (SELECT order_ref, received_at FROM command
        WHERE base_id = %(base_id)s AND status = 'waiting' AND order_ref IS NOT NULL LIMIT %(many)s) c
    GROUP BY c.order_ref
), top AS (SELECT * FROM groups ORDER BY n DESC, needed_kind, needed_ref LIMIT %(limit)s)
SELECT g.needed_kind, g.needed_ref, g.n, CASE WHEN g.n <= %(few)s THEN least(g.since, o.since) END AS since,
    coalesce(w.data ->> 'number', w.data ->> 'name', l.name, '') AS name, w.ref IS NOT NULL AS waits,
    EXISTS (SELECT 1 FROM quarantine q WHERE q.base_id = %(base_id)s AND q.kind = g.needed_kind AND q.ref = g.needed_ref
        AND q.cleared_at IS NULL) AS quarantined,
    (SELECT count(*) FROM things) AS seen
FROM top g
LEFT JOIN waiting_object w ON w.base_id = %(base_id)s AND w.kind = g.needed_kind AND w.ref = g.needed_ref
LEFT JOIN LATERAL (
    SELECT min(x.since) AS since FROM (SELECT kind, ref FROM waiting_need
        WHERE base_id = %(base_id)s AND needed_kind = g.needed_kind AND needed_ref = g.needed_ref LIMIT %(few)s) n
    JOIN waiting_object x ON x.base_id = %(base_id)s AND x.kind = n.kind AND x.ref = n.ref
) o ON g.n <= %(few)s
LEFT JOIN LATERAL (
    SELECT line ->> 'name' AS name FROM (SELECT kind, ref FROM waiting_need
        WHERE base_id = %(base_id)s AND needed_kind = g.needed_kind AND needed_ref = g.needed_ref LIMIT 1) n
    JOIN waiting_object x ON x.base_id = %(base_id)s AND x.kind = n.kind AND x.ref = n.ref
    CROSS JOIN LATERAL jsonb_path_query(x.data, '$.lines[*]') line
    WHERE g.needed_kind = 'product' AND line ->> 'product' = g.needed_ref LIMIT 1
) l ON true
ORDER BY g.n DESC, since, g.needed_kind, g.needed_ref
