-- reconciliation_objects: what a run has found, what is not repaired first. in: run_id, limit
-- out: kind, ref, name, what, fields, repaired_at
SELECT f.kind, f.ref, coalesce(m.data ->> 'number', m.data ->> 'name', '') AS name, f.what, f.fields, f.repaired_at
FROM reconciliation_found f
JOIN reconciliation r ON r.id = f.run_id
LEFT JOIN mirror m ON m.base_id = r.base_id AND m.kind = f.kind AND m.ref = f.ref
WHERE f.run_id = %(run_id)s
ORDER BY f.repaired_at IS NOT NULL, f.kind, f.ref, f.sampled LIMIT %(limit)s
