-- prune_idempotency: forget answers that nobody can ask for again. in: keep_days, limit
DELETE FROM idempotency WHERE ctid IN (
    SELECT ctid FROM idempotency WHERE made_at < clock_timestamp() - make_interval(days => %(keep_days)s) LIMIT %(limit)s)
