-- reconciliation_repair: what was found and has come in a later version since. in: run_id (null = all runs of the last days),
-- days
UPDATE reconciliation_found f SET repaired_at = now()
FROM reconciliation r, mirror m
WHERE f.repaired_at IS NULL AND r.id = f.run_id
    AND (r.id = %(run_id)s::uuid OR (%(run_id)s::uuid IS NULL AND r.started_at > now() - make_interval(days => %(days)s)))
    AND m.base_id = r.base_id AND m.kind = f.kind AND m.ref = f.ref AND (m.epoch_no, m.number, m.idx) > (f.epoch_no, f.number, f.idx)
