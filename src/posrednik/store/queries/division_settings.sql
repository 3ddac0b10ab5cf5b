-- division_settings: what was set of divisions over the file. in: ref (null = all)
-- out: division_ref, version, mode, mode_at, mode_by, quiet_since, pilot_couriers, changes (JSON text)
SELECT division_ref, version, mode, mode_at, mode_by, quiet_since, pilot_couriers, changes::text AS changes
FROM division_setting WHERE %(ref)s::text IS NULL OR division_ref = %(ref)s ORDER BY division_ref
