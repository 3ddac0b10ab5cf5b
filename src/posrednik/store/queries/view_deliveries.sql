-- view_deliveries: deliveries for the board, newest change first. in: q (text or null), courier, division, limit
-- out: doc (text), changed_at
SELECT d.doc::text AS doc, d.changed_at FROM delivery d
WHERE (%(q)s::text IS NULL OR d.order_number ILIKE '%%' || %(q)s || '%%'
        OR d.doc->'recipient'->>'phone' LIKE '%%' || %(q)s || '%%' OR d.doc->'address'->>'text' ILIKE '%%' || %(q)s || '%%'
        OR d.doc->'recipient'->>'name' ILIKE '%%' || %(q)s || '%%')
    AND (%(courier)s::text IS NULL OR d.courier_ref = %(courier)s)
    AND (%(division)s::text IS NULL OR d.division_ref = %(division)s)
    AND (d.on_board OR d.changed_at > now() - interval '1 day')
ORDER BY d.changed_at DESC LIMIT %(limit)s
