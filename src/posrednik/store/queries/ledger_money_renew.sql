-- ledger_money_renew: every balance of money as the sum of its postings. Under ledger_balances_lock.
-- out: nothing; the row count is that of the balances that were wrong
INSERT INTO money_balance AS b (account, sum_kop)
SELECT account, sum(sum_kop)::bigint FROM (
    SELECT source AS account, -sum_kop AS sum_kop FROM money_posting
    UNION ALL SELECT target, sum_kop FROM money_posting
    UNION ALL SELECT account, 0 FROM money_balance) x
GROUP BY 1 ORDER BY 1
ON CONFLICT (account) DO UPDATE SET sum_kop = excluded.sum_kop WHERE b.sum_kop <> excluded.sum_kop
