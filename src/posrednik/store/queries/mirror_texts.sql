-- mirror_texts: one field of objects, as a text. in: base_id, kind, field, refs (array). out: ref, value
-- Objects that are not here or have nothing in it are left out.
SELECT m.ref, m.data ->> %(field)s::text AS value FROM unnest(%(refs)b::text[]) AS u (ref)
JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = %(kind)s AND m.ref = u.ref
WHERE m.data ->> %(field)s::text IS NOT NULL
