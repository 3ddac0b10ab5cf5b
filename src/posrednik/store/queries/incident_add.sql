-- incident_add: incidents as open ones. One of the same kind, subject and courier that is open stays as it is.
-- in: arrays ids, kinds, severities, subject_kinds, subject_ids, division_refs, courier_refs, base_ids, order_refs,
-- raised_ats, last_ats, versions, docs (JSON text). out: id of each that is new
-- Waits for another transaction that adds the same one; in one order, so that two never wait for each other.
INSERT INTO incident (id, kind, severity, subject_kind, subject_id, division_ref, courier_ref, base_id, order_ref,
    raised_at, last_at, version, state, doc)
SELECT u.id, u.kind, u.severity, u.subject_kind, u.subject_id, u.division_ref, u.courier_ref, u.base_id, u.order_ref,
    u.raised_at, u.last_at, u.version, 'open', u.doc::jsonb
FROM unnest(%(ids)b::uuid[], %(kinds)b::text[], %(severities)b::text[], %(subject_kinds)b::text[],
    %(subject_ids)b::text[], %(division_refs)b::text[], %(courier_refs)b::text[], %(base_ids)b::uuid[],
    %(order_refs)b::uuid[], %(raised_ats)b::timestamptz[], %(last_ats)b::timestamptz[], %(versions)b::bigint[],
    %(docs)b::text[])
    AS u (id, kind, severity, subject_kind, subject_id, division_ref, courier_ref, base_id, order_ref, raised_at,
        last_at, version, doc)
ORDER BY u.subject_kind, u.subject_id, u.kind, u.courier_ref
ON CONFLICT (kind, subject_kind, subject_id, coalesce(courier_ref, '')) WHERE state = 'open' DO NOTHING
RETURNING id
