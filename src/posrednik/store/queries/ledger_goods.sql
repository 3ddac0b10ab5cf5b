-- ledger_goods: what these accounts have, nothing of zero. in: accounts
-- out: account, product, characteristic, quantity_milli
SELECT account, product, characteristic, quantity_milli FROM goods_balance
WHERE account = ANY(%(accounts)b::text[]) AND quantity_milli <> 0 ORDER BY account, product, characteristic
