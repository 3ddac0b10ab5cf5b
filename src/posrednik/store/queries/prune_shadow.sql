-- prune_shadow: what would have been sent long ago. in: keep_days, limit
DELETE FROM shadow_message WHERE ctid IN (
    SELECT ctid FROM shadow_message WHERE at < clock_timestamp() - make_interval(days => %(keep_days)s) LIMIT %(limit)s)
