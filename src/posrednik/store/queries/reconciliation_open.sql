-- reconciliation_open: young runs with objects that are not repaired. in: days. out: id
SELECT id FROM reconciliation r
WHERE started_at > now() - make_interval(days => %(days)s)
    AND EXISTS (SELECT 1 FROM reconciliation_found f WHERE f.run_id = r.id AND f.repaired_at IS NULL)
ORDER BY id
