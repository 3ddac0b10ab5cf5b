-- objects_standing: what is known of objects of one kind. in: base_id, kind, refs. out: ref, version (null = not in the mirror),
-- deleted, epoch_no, number, idx, waiting (version that waits for others), bad (what came last and could not be read)
SELECT u.ref, m.version, m.deleted, coalesce(m.epoch_no, 0) AS epoch_no, coalesce(m.number, 0) AS number, coalesce(m.idx, 0) AS idx,
    w.version AS waiting,
    (SELECT q.body FROM quarantine q WHERE q.base_id = %(base_id)s AND q.kind = %(kind)s AND q.ref = u.ref AND q.cleared_at IS NULL
        ORDER BY q.id DESC LIMIT 1) AS bad
FROM unnest(%(refs)b::text[]) AS u (ref)
LEFT JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = %(kind)s AND m.ref = u.ref
LEFT JOIN waiting_object w ON w.base_id = %(base_id)s AND w.kind = %(kind)s AND w.ref = u.ref
