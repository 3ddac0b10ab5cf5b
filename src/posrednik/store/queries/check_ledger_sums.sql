-- check_ledger_sums: must be true: over all accounts, each product and all money come to zero. out: subject, what
SELECT 'product ' || product || coalesce(' ' || characteristic, '') AS subject,
    'thousandths ' || sum(quantity_milli) AS what
FROM goods_balance GROUP BY product, characteristic HAVING sum(quantity_milli) <> 0
UNION ALL
SELECT 'money', 'kopecks ' || sum(sum_kop) FROM money_balance HAVING sum(sum_kop) <> 0
LIMIT 20
