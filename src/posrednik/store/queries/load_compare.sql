-- load_compare: which of these objects are not here as 1C has them. in: base_id, kind, refs, versions (arrays), by_message
-- (true: what came by a message counts as agreeing, it is newer than the reading). What a message says of a product's
-- barcodes stands behind a tilde in its version, which OData does not know.
-- out: ref, theirs, ours (null = not here), waits, quarantined
SELECT u.ref, u.version AS theirs, m.version AS ours,
    EXISTS (SELECT 1 FROM waiting_object w
        WHERE w.base_id = %(base_id)s AND w.kind = %(kind)s AND w.ref = u.ref) AS waits,
    EXISTS (SELECT 1 FROM quarantine q WHERE q.base_id = %(base_id)s AND q.kind = %(kind)s AND q.ref = u.ref
        AND q.cleared_at IS NULL) AS quarantined
FROM unnest(%(refs)b::text[], %(versions)b::text[]) AS u (ref, version)
LEFT JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = %(kind)s AND m.ref = u.ref
WHERE m.ref IS NULL OR (split_part(m.version, '~', 1) <> u.version AND NOT (%(by_message)s AND m.number > 0))
ORDER BY u.ref
