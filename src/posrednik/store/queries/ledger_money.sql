-- ledger_money: what these accounts have, nothing of zero. in: accounts. out: account, sum_kop
SELECT account, sum_kop FROM money_balance WHERE account = ANY(%(accounts)b::text[]) AND sum_kop <> 0 ORDER BY account
