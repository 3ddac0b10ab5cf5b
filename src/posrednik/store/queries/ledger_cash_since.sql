-- ledger_cash_since: postings of a courier's cash since a moment, newest first, with the order's number of a delivery
-- in: courier_ref, account, since. out: id, source, target, why, subject_kind, subject_id, at, sum_kop, order_number,
-- entry_id (of the cash desk's own postings, else null)
SELECT p.id, p.source, p.target, p.why, p.subject_kind, p.subject_id, p.at, p.sum_kop, d.order_number,
    (e.data ->> 'entry_id')::uuid AS entry_id
FROM money_posting p LEFT JOIN delivery d ON p.subject_kind = 'delivery' AND d.id = p.subject_id::uuid
LEFT JOIN event e ON p.subject_kind = 'cash' AND e.id = p.event_id
WHERE p.courier_ref = %(courier_ref)s AND p.at >= %(since)s AND (p.source = %(account)s OR p.target = %(account)s)
ORDER BY p.at DESC, p.id DESC LIMIT 1000
