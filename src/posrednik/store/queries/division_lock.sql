-- division_lock: the row of a division, made if new, locked until the commit. in: ref. out: as division_settings
INSERT INTO division_setting AS s (division_ref) VALUES (%(ref)s)
ON CONFLICT (division_ref) DO UPDATE SET division_ref = s.division_ref
RETURNING division_ref, version, mode, mode_at, mode_by, quiet_since, pilot_couriers, changes::text AS changes
