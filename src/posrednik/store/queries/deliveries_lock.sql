-- deliveries_lock: the deliveries of these orders, locked in the order of their ids. in: base_id, order_refs
-- out: order_ref, doc (text)
SELECT order_ref, doc::text AS doc FROM delivery
WHERE base_id = %(base_id)s AND order_ref = ANY(%(order_refs)b::uuid[]) ORDER BY id FOR UPDATE
