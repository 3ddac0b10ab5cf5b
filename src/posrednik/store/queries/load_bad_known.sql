-- load_bad_known: which of these unreadable rows lie in quarantine already, as they are. in: base_id; arrays kinds, refs, bodies
-- out: kind, ref
SELECT DISTINCT q.kind, q.ref
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(bodies)b::bytea[]) AS u (kind, ref, body)
JOIN quarantine q ON q.base_id = %(base_id)s AND q.kind = u.kind AND q.ref = u.ref AND q.body = u.body
    AND q.number = 0 AND q.cleared_at IS NULL
