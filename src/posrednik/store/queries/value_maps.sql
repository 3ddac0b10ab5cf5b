-- value_maps: what values of bases mean here. in (null = any): base_id, id
-- out: id, base_id, base (its name), kind, field, theirs, ours, made_by, made_at
SELECT m.id, m.base_id, b.name AS base, m.kind, m.field, m.theirs, m.ours, m.made_by, m.made_at
FROM value_map m JOIN base b ON b.id = m.base_id
WHERE (%(base_id)s::uuid IS NULL OR m.base_id = %(base_id)s) AND (%(id)s::bigint IS NULL OR m.id = %(id)s)
ORDER BY b.name, m.base_id, m.kind, m.field, m.theirs
