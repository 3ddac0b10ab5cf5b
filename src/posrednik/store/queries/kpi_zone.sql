-- kpi_zone: where the days of a division begin. in: division (empty = the company). out: time_zone
SELECT zone_of(%(division)s, (
    SELECT m.base_id FROM base b JOIN mirror m ON m.base_id = b.id AND m.kind = 'division' AND m.ref = %(division)s LIMIT 1
)) AS time_zone
