-- ledger_cash_began: when a courier's cash first moved for each of these subjects. in: courier_ref, account, arrays kinds,
-- ids. out: subject_kind, subject_id, began_at
SELECT p.subject_kind, p.subject_id, min(p.at) AS began_at FROM money_posting p
JOIN unnest(%(kinds)b::text[], %(ids)b::text[]) AS u (kind, id) ON u.kind = p.subject_kind AND u.id = p.subject_id
WHERE p.courier_ref = %(courier_ref)s AND %(account)s IN (p.source, p.target)
GROUP BY 1, 2
