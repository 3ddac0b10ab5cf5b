-- prune_person_entries: forget passes of the portal that let people in long ago. in: keep_days, limit
DELETE FROM person_entry WHERE ctid IN (
    SELECT ctid FROM person_entry WHERE at < clock_timestamp() - make_interval(days => %(keep_days)s) LIMIT %(limit)s)
