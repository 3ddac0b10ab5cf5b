-- reconciliation_runs: runs, newest first, with what they have compared and found. in (null = any): base_id, run_id; limit
-- out: id, base_id, base_name, state, reason, asked_by, started_at, finished_at, sample_size, sample_checked, sample_agreed, slices,
-- differed, objects, agreeing (by the first comparison of each slice; of one whose differing objects were all listed the rest
-- agrees), found, repaired, unknown
SELECT r.id, r.base_id, b.name AS base_name, r.state, r.reason, r.asked_by, r.started_at, r.finished_at, r.sample_size,
    r.sample_checked, r.sample_agreed, s.slices, s.differed, s.objects, s.agreeing, f.found, f.repaired, f.unknown
FROM (
    SELECT * FROM reconciliation
    WHERE (%(base_id)s::uuid IS NULL OR base_id = %(base_id)s) AND (%(run_id)s::uuid IS NULL OR id = %(run_id)s)
    ORDER BY started_at DESC, id DESC LIMIT %(limit)s
) r
JOIN base b ON b.id = r.base_id
CROSS JOIN LATERAL (
    SELECT count(*) AS slices, count(*) FILTER (WHERE NOT equal) AS differed,
        coalesce(sum(greatest(theirs_count, ours_count)), 0)::bigint AS objects,
        coalesce(sum(CASE WHEN equal THEN greatest(theirs_count, ours_count)
            WHEN differing IS NULL OR cardinality(unlisted) > 0 THEN 0
            ELSE greatest(0, greatest(theirs_count, ours_count) - differing) END), 0)::bigint AS agreeing
    FROM (SELECT DISTINCT ON (kind, slice) * FROM slice_check WHERE run_id = r.id AND equal IS NOT NULL ORDER BY kind, slice, id) first
) s
CROSS JOIN LATERAL (
    SELECT count(*) AS found, count(repaired_at) AS repaired, count(*) FILTER (WHERE what = 'missing_there') AS unknown
    FROM reconciliation_found WHERE run_id = r.id AND NOT sampled
) f
ORDER BY r.started_at DESC, r.id DESC
