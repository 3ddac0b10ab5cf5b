-- mappings_lock: one change of a mapping at a time, so that two couriers do not become one user together.
SELECT pg_advisory_xact_lock(hashtext('courier_mapping'), 0)
