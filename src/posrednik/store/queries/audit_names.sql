-- audit_names: what the audit's refs and ids are called. in: ids (uuid[] as text, lower case), destinations (their ids)
-- out: id, kind (order, courier, division, product, base, person, token, subscription, or destination:<kind>), title
-- (NULL = it has none), ref (what its page is opened by; of a destination its address), base (name, of a destination)
-- An incident, a shift and a blind count are told by the order or the courier that they are about.
SELECT m.ref AS id, m.kind, coalesce(m.data ->> 'number', m.data ->> 'name') AS title, m.ref, NULL::text AS base
FROM base b JOIN mirror m ON m.base_id = b.id AND m.kind IN ('order', 'courier', 'division', 'product')
    AND m.ref = ANY(%(ids)s::text[])
UNION ALL
SELECT d.id::text, 'order', d.order_number, d.order_ref::text, NULL FROM delivery d WHERE d.id = ANY(%(ids)s::uuid[])
UNION ALL
SELECT i.id::text, CASE WHEN i.order_ref IS NULL THEN 'courier' ELSE 'order' END,
    CASE WHEN i.order_ref IS NULL THEN c.name ELSE i.doc ->> 'order_number' END,
    coalesce(i.order_ref::text, i.courier_ref), NULL
FROM incident i LEFT JOIN LATERAL (SELECT m.data ->> 'name' AS name FROM mirror m
    WHERE m.base_id = i.base_id AND m.kind = 'courier' AND m.ref = i.courier_ref) c ON true
WHERE i.id = ANY(%(ids)s::uuid[]) AND coalesce(i.order_ref::text, i.courier_ref) IS NOT NULL
UNION ALL
SELECT o.id::text, 'courier', m.data ->> 'name', o.courier_ref, NULL
FROM (SELECT id, courier_ref FROM shift WHERE id = ANY(%(ids)s::uuid[])
    UNION ALL SELECT id, courier_ref FROM cash_count WHERE id = ANY(%(ids)s::uuid[])
    UNION ALL SELECT id, owner FROM token WHERE kind = 'device' AND id = ANY(%(ids)s::uuid[])) o
JOIN base b ON true JOIN mirror m ON m.base_id = b.id AND m.kind = 'courier' AND m.ref = o.courier_ref
UNION ALL
SELECT p.id::text, 'person', p.name, p.id::text, NULL FROM person p WHERE p.id = ANY(%(ids)s::uuid[])
UNION ALL
SELECT b.id::text, 'base', b.name, b.id::text, NULL FROM base b WHERE b.id = ANY(%(ids)s::uuid[])
UNION ALL
SELECT t.id::text, 'token', coalesce(nullif(t.name, ''), t.owner), t.id::text, NULL
FROM token t WHERE t.kind <> 'device' AND t.id = ANY(%(ids)s::uuid[])
UNION ALL
SELECT s.id::text, 'subscription', s.url, s.id::text, NULL FROM subscription s WHERE s.id = ANY(%(ids)s::uuid[])
UNION ALL
SELECT 'destination:' || d.id, 'destination:' || d.kind, d.name, s.url, b.name
FROM destination d LEFT JOIN subscription s ON s.destination_id = d.id
LEFT JOIN base b ON d.name = 'onec:' || b.id
WHERE d.id = ANY(%(destinations)s::int[])
