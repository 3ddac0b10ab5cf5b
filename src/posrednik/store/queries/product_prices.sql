-- product_prices: 1C's prices of products, the newest of each product and characteristic. in: base_id, products
-- out: product, characteristic, price (text)
SELECT DISTINCT ON (data ->> 'product', data ->> 'characteristic') data ->> 'product' AS product,
    data ->> 'characteristic' AS characteristic, data ->> 'price' AS price
FROM mirror WHERE base_id = %(base_id)s AND kind = 'price' AND NOT deleted AND data ->> 'product' = ANY(%(products)s)
ORDER BY data ->> 'product', data ->> 'characteristic', epoch_no DESC, number DESC, idx DESC
