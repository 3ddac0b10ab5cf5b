-- ledger_cash: every posting of a courier's cash, in the order of time. in: courier_ref, account
-- out: the columns of domain/ledger.py, MoneyPosting
SELECT source, target, why, subject_kind, subject_id, courier_ref, at, sum_kop FROM money_posting
WHERE courier_ref = %(courier_ref)s AND (source = %(account)s OR target = %(account)s) ORDER BY at, id
