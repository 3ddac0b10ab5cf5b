-- ledger_fell_since: did the office take goods from a backpack after a moment, as the books learnt of it. in: courier_ref, account, since
-- out: fell
SELECT EXISTS (SELECT 1 FROM goods_posting
    WHERE courier_ref = %(courier_ref)s AND source = %(account)s AND posted_at > %(since)s
        AND subject_kind = 'backpack') AS fell
