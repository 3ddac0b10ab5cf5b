-- check_ledger_balances: must be true: every balance is the sum of its postings. Reads the ledgers whole: for a duty
-- of every hour, not of every minute. out: subject, what
WITH goods AS (
    SELECT source AS account, product, characteristic, -quantity_milli AS amount FROM goods_posting
    UNION ALL SELECT target, product, characteristic, quantity_milli FROM goods_posting
    UNION ALL SELECT account, product, characteristic, -quantity_milli FROM goods_balance
), money AS (
    SELECT source AS account, -sum_kop AS amount FROM money_posting
    UNION ALL SELECT target, sum_kop FROM money_posting
    UNION ALL SELECT account, -sum_kop FROM money_balance
)
SELECT account AS subject, product || coalesce(' ' || characteristic, '') || ' differs by ' || sum(amount) AS what
FROM goods GROUP BY account, product, characteristic HAVING sum(amount) <> 0
UNION ALL
SELECT account, 'kopecks differ by ' || sum(amount) FROM money GROUP BY account HAVING sum(amount) <> 0
LIMIT 20
