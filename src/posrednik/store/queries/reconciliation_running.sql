-- reconciliation_running: the run of a base that is under way. in: base_id. out: id
SELECT id FROM reconciliation WHERE base_id = %(base_id)s AND state = 'running'
