-- report_products: sales from backpacks by product and courier, greatest sum first. in: first, last (days), divisions
-- (NULL = all), division, courier (NULL = any). out: division_ref, courier_ref, product, characteristic, quantity_milli,
-- sum_kop, name, unit (NULL: 1C has told of no such product), of_it (the characteristic's name)
SELECT p.*, m.name, m.unit, (SELECT c ->> 'name' FROM jsonb_array_elements(m.kinds) AS c
    WHERE c ->> 'ref' = p.characteristic LIMIT 1) AS of_it
FROM (
    SELECT division_ref, courier_ref, product, characteristic, sum(quantity_milli)::bigint AS quantity_milli,
        sum(sum_kop)::bigint AS sum_kop
    FROM day_product
    WHERE day BETWEEN %(first)s AND %(last)s
        AND (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
        AND (%(division)s::text IS NULL OR division_ref = %(division)s::text)
        AND (%(courier)s::text IS NULL OR courier_ref = %(courier)s::text)
    GROUP BY 1, 2, 3, 4 HAVING sum(quantity_milli) <> 0 OR sum(sum_kop) <> 0
) AS p
LEFT JOIN LATERAL (
    SELECT o.data ->> 'name' AS name, o.data ->> 'unit' AS unit,
        CASE jsonb_typeof(o.data -> 'characteristics') WHEN 'array' THEN o.data -> 'characteristics' END AS kinds
    FROM base b JOIN mirror o ON o.base_id = b.id AND o.kind = 'product' AND o.ref = p.product LIMIT 1
) AS m ON true
ORDER BY p.sum_kop DESC, m.name, p.product, p.characteristic, p.courier_ref, p.division_ref
