-- objects_as_kept: objects of the mirror as 1C told them, without what pages add. in: base_id; arrays kinds, refs
-- out: kind, ref, deleted, posted, epoch_no, number, idx, data (text)
SELECT m.kind, m.ref, m.deleted, m.posted, m.epoch_no, m.number, m.idx, m.data::text AS data
FROM unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)
JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = u.kind AND m.ref = u.ref
