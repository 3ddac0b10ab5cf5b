-- reconciliation_fields: which fields differed in the samples of runs. in: run_ids. out: run_id, kind, field, n
SELECT run_id, kind, field, count(*) AS n FROM reconciliation_found CROSS JOIN unnest(fields) AS field
WHERE run_id = ANY(%(run_ids)s) AND sampled GROUP BY run_id, kind, field ORDER BY run_id, n DESC, kind, field
