-- reconciliation_repair: what a run has found and what has come in a later version since. in: run_id
UPDATE reconciliation_found f SET repaired_at = now()
FROM reconciliation r, mirror m
WHERE r.id = %(run_id)s AND f.run_id = r.id AND f.repaired_at IS NULL
    AND m.base_id = r.base_id AND m.kind = f.kind AND m.ref = f.ref AND (m.epoch_no, m.number, m.idx) > (f.epoch_no, f.number, f.idx)
