-- slices_latest: the last comparison of each slice of a base. in: base_id. out: kind, slice, at, theirs_count, ours_count, equal,
-- asked, differing (objects, if all of them were listed, else null), times (how often it was compared), differed (how often it
-- did not agree)
SELECT l.kind, l.slice, l.at, l.theirs_count, l.ours_count, l.equal, l.asked,
    CASE WHEN cardinality(l.unlisted) > 0 THEN NULL ELSE l.differing END AS differing, c.times, c.differed
FROM (SELECT DISTINCT ON (kind, slice) * FROM slice_check WHERE base_id = %(base_id)s AND equal IS NOT NULL ORDER BY kind, slice, id DESC) l
JOIN (SELECT kind, slice, count(*) AS times, count(*) FILTER (WHERE NOT equal) AS differed FROM slice_check
    WHERE base_id = %(base_id)s AND equal IS NOT NULL GROUP BY kind, slice) c USING (kind, slice)
ORDER BY l.kind, l.slice DESC
