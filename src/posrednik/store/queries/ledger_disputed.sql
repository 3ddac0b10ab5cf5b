-- ledger_disputed: what counts of loads found too little (above zero) or too much (below) of a courier since a moment.
-- in: courier_ref, since. out: product, characteristic, quantity_milli
SELECT product, characteristic,
    sum(CASE WHEN target LIKE 'disputed:%%' THEN quantity_milli ELSE -quantity_milli END)::bigint AS quantity_milli
FROM goods_posting
WHERE courier_ref = %(courier_ref)s AND at > %(since)s AND (source LIKE 'disputed:%%' OR target LIKE 'disputed:%%')
GROUP BY 1, 2 ORDER BY 1, 2
