-- view_value_maps: value maps with the names of what they refer to. in: base_id (null = any)
-- out: id, base_id, base (its name), kind, field, theirs, ours, made_by, made_at, ours_name
SELECT m.id, m.base_id, b.name AS base, m.kind, m.field, m.theirs, m.ours, m.made_by, m.made_at, o.name AS ours_name
FROM value_map m JOIN base b ON b.id = m.base_id
LEFT JOIN LATERAL (
    SELECT x.data ->> 'name' AS name FROM mirror x
    WHERE x.base_id = m.base_id AND x.ref = m.ours
        AND x.kind IN ('division', 'warehouse', 'product', 'counterparty', 'courier', 'order')
    LIMIT 1
) o ON true
WHERE %(base_id)s::uuid IS NULL OR m.base_id = %(base_id)s
ORDER BY b.name, m.base_id, m.kind, m.field, m.theirs
