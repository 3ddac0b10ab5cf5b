-- mirror_have: which of these objects are known. in: base_id, kinds, refs (arrays). out: kind, ref
SELECT m.kind, m.ref FROM unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)
JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = u.kind AND m.ref = u.ref
