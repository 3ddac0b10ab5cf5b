-- backpack_unheard: what of a courier's backpack moved by events that still wait for 1C. in: courier_ref, account
-- out: product, characteristic, quantity_milli (above zero: into the backpack)
SELECT p.product, p.characteristic,
    sum(CASE WHEN p.target = %(account)s THEN p.quantity_milli ELSE -p.quantity_milli END)::bigint AS quantity_milli
FROM message m JOIN lane l ON l.id = m.lane_id JOIN destination d ON d.id = l.destination_id
JOIN goods_posting p ON p.event_id = m.event_id
WHERE d.kind = 'onec' AND p.courier_ref = %(courier_ref)s AND %(account)s IN (p.source, p.target)
GROUP BY 1, 2
