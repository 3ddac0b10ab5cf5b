-- incidents_lock_open: open incidents, locked in one order. in: arrays kinds, subject_kinds, subject_ids, couriers
-- ('' = none). out: doc (text)
SELECT i.doc::text AS doc FROM incident i
JOIN unnest(%(kinds)b::text[], %(subject_kinds)b::text[], %(subject_ids)b::text[], %(couriers)b::text[])
    AS u (kind, subject_kind, subject_id, courier)
    ON i.kind = u.kind AND i.subject_kind = u.subject_kind AND i.subject_id = u.subject_id
    AND coalesce(i.courier_ref, '') = u.courier
WHERE i.state = 'open'
ORDER BY i.subject_kind, i.subject_id, i.kind, i.courier_ref FOR UPDATE OF i
