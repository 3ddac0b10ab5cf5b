-- view_orders_found: orders by number, site number, ref or delivery. in: q (text), uuid (or null)
-- divisions: only orders of these, null = of all
-- out: base_id, base, ref, number, site_number
SELECT f.base_id, f.base, f.ref, f.number, f.site_number FROM (
SELECT m.base_id, b.name AS base, m.ref, m.data->>'number' AS number, m.data->>'site_number' AS site_number,
    m.data->>'division' AS division
FROM mirror m JOIN base b ON b.id = m.base_id
WHERE m.kind = 'order' AND (m.data->>'number' = %(q)s OR m.data->>'site_number' = %(q)s)
UNION
SELECT m.base_id, b.name, m.ref, m.data->>'number', m.data->>'site_number', m.data->>'division'
FROM mirror m JOIN base b ON b.id = m.base_id
WHERE %(uuid)s::uuid IS NOT NULL AND m.kind = 'order' AND m.ref IN (
    SELECT %(uuid)s::text UNION SELECT order_ref::text FROM delivery WHERE id = %(uuid)s)
UNION
SELECT w.base_id, b.name, w.ref, w.data->>'number', w.data->>'site_number', w.data->>'division'
FROM waiting_object w JOIN base b ON b.id = w.base_id
WHERE w.kind = 'order' AND (w.data->>'number' = %(q)s OR w.data->>'site_number' = %(q)s OR w.ref = %(uuid)s::text)
) f WHERE %(divisions)s::text[] IS NULL OR f.division = ANY(%(divisions)s)
LIMIT 20
