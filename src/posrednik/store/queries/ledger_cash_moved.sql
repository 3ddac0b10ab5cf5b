-- ledger_cash_moved: was anything posted to a courier's cash after a moment. in: courier_ref, account, since. out: moved
SELECT EXISTS (SELECT 1 FROM money_posting
    WHERE courier_ref = %(courier_ref)s AND posted_at > %(since)s AND %(account)s IN (source, target)) AS moved
