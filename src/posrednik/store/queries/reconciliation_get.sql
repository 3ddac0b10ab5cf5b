-- reconciliation_get: a run of a base. in: run_id, base_id. out: id, state, ended, sample_left
SELECT id, state, ended, sample_left FROM reconciliation WHERE id = %(run_id)s AND base_id = %(base_id)s
