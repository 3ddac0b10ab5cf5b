-- figures_zone_drop: the days of a division begin by the zone of its base. in: division_ref
DELETE FROM division_zone WHERE division_ref = %(division_ref)s
