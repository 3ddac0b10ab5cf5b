-- prune_quarantine: forget objects that were repaired long ago; open ones are kept. in: keep_days, limit
DELETE FROM quarantine WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM quarantine WHERE cleared_at < clock_timestamp() - make_interval(days => %(keep_days)s) LIMIT %(limit)s))
