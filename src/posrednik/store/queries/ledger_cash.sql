-- ledger_cash: postings of a courier's cash since a moment, in the order of time, without those of subjects that began
-- before it. in: courier_ref, account, since. out: the columns of domain/ledger.py, MoneyPosting
-- The cash desk's postings are of entries; which one, and which delivery it names, is told by their event.
SELECT p.source, p.target, p.why, p.subject_kind, p.subject_id, p.courier_ref, p.at, p.sum_kop,
    (e.data ->> 'entry_id')::uuid AS entry_id, (e.data ->> 'delivery_id')::uuid AS delivery_id
FROM money_posting p LEFT JOIN event e ON p.subject_kind = 'cash' AND e.id = p.event_id
WHERE p.courier_ref = %(courier_ref)s AND p.at >= %(since)s AND %(account)s IN (p.source, p.target)
    AND (p.subject_kind = 'cash' OR NOT EXISTS (SELECT 1 FROM money_posting o
        WHERE o.subject_kind = p.subject_kind AND o.subject_id = p.subject_id AND o.courier_ref = p.courier_ref
            AND o.at < %(since)s AND %(account)s IN (o.source, o.target)))
ORDER BY p.at, p.id
