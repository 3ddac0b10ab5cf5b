-- reconciliation_unknown: objects that a run did not find in the base and that have not come since. in: run_id, limit. out: kind, ref
SELECT kind, ref FROM reconciliation_found
WHERE run_id = %(run_id)s AND what = 'missing_there' AND repaired_at IS NULL ORDER BY kind, ref LIMIT %(limit)s
