-- prune_portal_entries: forget the portal's passes, which live an hour. in: keep_days, limit
DELETE FROM portal_entry WHERE ctid IN (
    SELECT ctid FROM portal_entry WHERE entered_at < clock_timestamp() - make_interval(days => %(keep_days)s) LIMIT %(limit)s)
