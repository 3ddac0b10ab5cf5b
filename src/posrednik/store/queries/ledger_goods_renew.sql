-- ledger_goods_renew: every balance of goods as the sum of its postings. Under ledger_balances_lock.
-- out: nothing; the row count is that of the balances that were wrong
INSERT INTO goods_balance AS b (account, product, characteristic, quantity_milli)
SELECT account, product, characteristic, sum(quantity_milli)::bigint FROM (
    SELECT source AS account, product, characteristic, -quantity_milli AS quantity_milli FROM goods_posting
    UNION ALL SELECT target, product, characteristic, quantity_milli FROM goods_posting
    UNION ALL SELECT account, product, characteristic, 0 FROM goods_balance) x
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (account, product, characteristic) DO UPDATE SET quantity_milli = excluded.quantity_milli
WHERE b.quantity_milli <> excluded.quantity_milli
