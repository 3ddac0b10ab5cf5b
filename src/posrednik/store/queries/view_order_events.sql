-- view_order_events: what happened to an order's delivery. in: order_ref. out: id, type, version, occurred_at, recorded_at, actor (text)
SELECT id, type, version, occurred_at, recorded_at, actor::text AS actor FROM event
WHERE order_ref = %(order_ref)s ORDER BY pos
