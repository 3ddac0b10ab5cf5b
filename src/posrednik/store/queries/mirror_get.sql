-- mirror_get: objects with their data. in: base_id, kinds, refs (arrays)
-- out: kind, ref, epoch_no, number, idx, deleted, posted, data (text)
SELECT m.kind, m.ref, m.epoch_no, m.number, m.idx, m.deleted, m.posted, m.data::text AS data
FROM unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)
JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = u.kind AND m.ref = u.ref
