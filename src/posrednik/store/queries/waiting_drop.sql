-- waiting_drop: these objects wait no more, or in a newer version. in: base_id; arrays kinds, refs
DELETE FROM waiting_object w USING unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)
WHERE w.base_id = %(base_id)s AND w.kind = u.kind AND w.ref = u.ref
