-- courier_backpack: stock of a courier's warehouse as 1C knows it. in: base_id, courier_ref
-- out: product, characteristic, quantity, data (the product's, json text or null)
SELECT s.data ->> 'product' AS product, s.data ->> 'characteristic' AS characteristic, s.data ->> 'quantity' AS quantity,
    p.data::text AS data
FROM mirror w
JOIN mirror s ON s.base_id = w.base_id AND s.kind = 'stock' AND s.data ->> 'warehouse' = w.ref AND NOT s.deleted
LEFT JOIN mirror p ON p.base_id = w.base_id AND p.kind = 'product' AND p.ref = s.data ->> 'product'
WHERE w.base_id = %(base_id)s AND w.kind = 'warehouse' AND w.data ->> 'courier' = %(courier_ref)s AND NOT w.deleted
ORDER BY p.data ->> 'name', 1, 2
