-- reconciliation_lock: who changes what a run has found holds its row. in: run_id. out: id
SELECT id FROM reconciliation WHERE id = %(run_id)s FOR UPDATE
