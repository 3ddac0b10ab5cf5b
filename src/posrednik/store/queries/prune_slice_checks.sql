-- prune_slice_checks: forget comparisons of long ago. in: keep_days, limit
-- Those that asked for a slice stay: their number is the version of the next question.
DELETE FROM slice_check WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM slice_check WHERE NOT asked AND at < clock_timestamp() - make_interval(days => %(keep_days)s) LIMIT %(limit)s))
