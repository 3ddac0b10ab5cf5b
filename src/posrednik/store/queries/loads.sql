-- loads: the newest load of each base. in: base_id (null = all). out: id, base_id, state, asked_by, started_at, finished_at,
-- rate, notes, reads (somebody does), kind (the set that is read now), done, total (null = not known), bad
SELECT DISTINCT ON (l.base_id) l.id, l.base_id, l.state, l.asked_by, l.started_at, l.finished_at, l.rate, l.notes,
    l.lease_until > now() IS TRUE AS reads, s.kind, coalesce(s.done, 0)::bigint AS done, s.total::bigint AS total,
    coalesce(s.bad, 0)::bigint AS bad
FROM load l LEFT JOIN LATERAL (
    SELECT sum(done) AS done, sum(bad) AS bad, CASE WHEN bool_and(total IS NOT NULL) THEN sum(greatest(total, done)) END AS total,
        (array_agg(kind ORDER BY state = 'read', place) FILTER (WHERE state <> 'checked'))[1] AS kind
    FROM load_set WHERE load_id = l.id
) s ON true
WHERE %(base_id)s::uuid IS NULL OR l.base_id = %(base_id)s
ORDER BY l.base_id, l.id DESC
