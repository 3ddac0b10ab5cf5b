-- sold_counts: how often a courier sold each product lately, for favourites. in: courier_ref, since. out: product, characteristic, times
SELECT line ->> 'product' AS product, line ->> 'characteristic' AS characteristic, count(*) AS times
FROM sale s, jsonb_array_elements(s.doc -> 'lines') line
WHERE s.courier_ref = %(courier_ref)s AND s.made_at >= %(since)s GROUP BY 1, 2
