-- reconciliation_end: the base has compared everything. in: run_id
UPDATE reconciliation SET ended = true WHERE id = %(run_id)s
