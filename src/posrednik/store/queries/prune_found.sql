-- prune_found: forget object by object what runs of long ago found; their figures of slices go with prune_slice_checks.
-- in: keep_days, limit
DELETE FROM reconciliation_found WHERE ctid = ANY(ARRAY(
    SELECT f.ctid FROM reconciliation r JOIN reconciliation_found f ON f.run_id = r.id
    WHERE r.started_at < clock_timestamp() - make_interval(days => %(keep_days)s) LIMIT %(limit)s))
