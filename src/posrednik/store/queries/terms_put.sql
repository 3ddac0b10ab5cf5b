-- terms_put: in: base_id; arrays order_refs, terms (JSON text)
INSERT INTO order_terms (base_id, order_ref, terms)
SELECT %(base_id)s, u.order_ref, u.terms::jsonb
FROM unnest(%(order_refs)b::uuid[], %(terms)b::text[]) AS u (order_ref, terms)
ON CONFLICT (base_id, order_ref) DO UPDATE SET terms = excluded.terms
