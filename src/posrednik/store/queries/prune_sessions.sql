-- prune_sessions: forget sessions of people that ended long ago. in: keep_days, limit
DELETE FROM token WHERE ctid IN (
    SELECT ctid FROM token WHERE person_id IS NOT NULL
        AND least(revoked_at, expires_at) < clock_timestamp() - make_interval(days => %(keep_days)s) LIMIT %(limit)s)
