-- base_waiting_needs: what these objects wait for, a few of each. in: base_id; arrays kinds, refs; most (of each)
-- out: kind, ref, needed_kind, needed_ref, name (as a line of the object calls it, or as it came), waits (it waits itself),
-- quarantined (it lies there)
SELECT u.kind, u.ref, n.needed_kind, n.needed_ref, coalesce(w.data ->> 'number', w.data ->> 'name', l.name, '') AS name,
    w.ref IS NOT NULL AS waits,
    EXISTS (SELECT 1 FROM quarantine q WHERE q.base_id = %(base_id)s AND q.kind = n.needed_kind AND q.ref = n.needed_ref
        AND q.cleared_at IS NULL) AS quarantined
FROM unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)
CROSS JOIN LATERAL (
    SELECT needed_kind, needed_ref FROM waiting_need
    WHERE base_id = %(base_id)s AND kind = u.kind AND ref = u.ref ORDER BY needed_kind, needed_ref LIMIT %(most)s
) n
LEFT JOIN waiting_object w ON w.base_id = %(base_id)s AND w.kind = n.needed_kind AND w.ref = n.needed_ref
LEFT JOIN LATERAL (
    SELECT line ->> 'name' AS name FROM waiting_object o, jsonb_path_query(o.data, '$.lines[*]') line
    WHERE n.needed_kind = 'product' AND o.base_id = %(base_id)s AND o.kind = u.kind AND o.ref = u.ref
        AND line ->> 'product' = n.needed_ref LIMIT 1
) l ON true
ORDER BY u.kind, u.ref, n.needed_kind, n.needed_ref
