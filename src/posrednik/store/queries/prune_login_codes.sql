-- prune_login_codes: forget codes and tickets that were over long ago. in: keep_days, limit
DELETE FROM login_code WHERE ctid IN (
    SELECT ctid FROM login_code WHERE expires_at < clock_timestamp() - make_interval(days => %(keep_days)s) LIMIT %(limit)s)
