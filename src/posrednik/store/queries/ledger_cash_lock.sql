-- ledger_cash_lock: one at a time moves this cash. in: account. out: a row. Held until the commit; taken as the last
-- lock but those of the deliveries that it settles and of the balances, so whoever waits here holds none of these.
SELECT pg_advisory_xact_lock(hashtextextended(%(account)s, 0))
