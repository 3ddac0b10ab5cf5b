-- prune_quarantine: forget objects that were repaired long ago; open ones are kept. in: keep_days, limit
DELETE FROM quarantine WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM quarantine WHERE cleared_at < now() - make_interval(days => %(keep_days)s) LIMIT %(limit)s))
