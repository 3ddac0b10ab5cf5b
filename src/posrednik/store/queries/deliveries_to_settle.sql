-- deliveries_to_settle: deliveries that a courier handed over and whose money is not in yet. in: courier_ref. out: id
SELECT id FROM delivery
WHERE stage = 'handed_over' AND doc #>> '{handed_over_by,ref}' = %(courier_ref)s
ORDER BY id
