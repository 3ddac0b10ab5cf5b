-- figures_zone_put: the time zone of a division from now on; days that are over stay as they are. in: division_ref, time_zone
INSERT INTO division_zone AS z (division_ref, time_zone) VALUES (%(division_ref)s, %(time_zone)s)
ON CONFLICT (division_ref) DO UPDATE SET time_zone = excluded.time_zone WHERE z.time_zone <> excluded.time_zone
