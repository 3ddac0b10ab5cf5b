-- office_zone: in whose days a page of the office thinks. in: divisions (refs; none = the company), every (also all that 1C has,
-- of most of which no setting speaks). out: time_zone
-- Where divisions have several zones, or none is named, it is that of the first base.
WITH main AS (SELECT id, time_zone FROM base ORDER BY name LIMIT 1),
named AS (
    SELECT DISTINCT zone_of(d.ref, coalesce(
        (SELECT m.base_id FROM base b JOIN mirror m ON m.base_id = b.id AND m.kind = 'division' AND m.ref = d.ref LIMIT 1),
        (SELECT id FROM main))) AS zone
    FROM (SELECT unnest(%(divisions)s::text[])
        UNION SELECT m.ref FROM base b JOIN mirror m ON m.base_id = b.id AND m.kind = 'division' AND NOT m.deleted WHERE %(every)s) AS d (ref)
)
SELECT CASE WHEN (SELECT count(*) FROM named) = 1 THEN (SELECT zone FROM named)
    ELSE coalesce((SELECT time_zone FROM main), 'Europe/Moscow') END AS time_zone
