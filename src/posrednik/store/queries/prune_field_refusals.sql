-- prune_field_refusals: counts that no page shows any more. in: keep_days, limit
DELETE FROM field_refusal WHERE ctid IN (
    SELECT ctid FROM field_refusal WHERE day < (clock_timestamp() - make_interval(days => %(keep_days)s))::date
    LIMIT %(limit)s)
