-- terms_get: what commands said of these orders. in: base_id, order_refs. out: order_ref, terms (text)
SELECT order_ref, terms::text AS terms FROM order_terms
WHERE base_id = %(base_id)s AND order_ref = ANY(%(order_refs)b::uuid[])
