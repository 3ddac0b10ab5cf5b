-- field_owners_lock: one change of owners at a time, until the commit.
SELECT pg_advisory_xact_lock(hashtext('field_owner'), 0)
