-- orders_touched: which of these orders something is known of beside the mirror. in: base_id, order_refs. out: order_ref
SELECT d.order_ref FROM delivery d WHERE d.base_id = %(base_id)s AND d.order_ref = ANY(%(order_refs)b::uuid[])
UNION
SELECT t.order_ref FROM order_terms t WHERE t.base_id = %(base_id)s AND t.order_ref = ANY(%(order_refs)b::uuid[])
