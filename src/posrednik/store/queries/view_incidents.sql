-- view_incidents: incidents, newest news first. in: state (open, decided or null), delivery (id or null), courier (ref
-- or null), limit. out: doc (text). Of a delivery: whatever concerns its order.
SELECT i.doc::text AS doc FROM incident i
WHERE (%(state)s::text IS NULL OR i.state = %(state)s)
    AND (%(delivery)s::uuid IS NULL OR i.order_ref = (SELECT d.order_ref FROM delivery d WHERE d.id = %(delivery)s))
    AND (%(courier)s::text IS NULL OR i.courier_ref = %(courier)s)
ORDER BY i.last_at DESC, i.id DESC LIMIT %(limit)s
