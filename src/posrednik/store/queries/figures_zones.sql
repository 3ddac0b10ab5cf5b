-- figures_zones: in which time zone days of divisions begin: what a page set, else the file's, else the base's. in: arrays
-- division_refs, base_ids (null = unknown), of pairs. out: division_ref, base_id, time_zone
SELECT u.division_ref, u.base_id,
    coalesce(s.changes #>> '{time_zone,value}', z.time_zone, b.time_zone, 'Europe/Moscow') AS time_zone
FROM unnest(%(division_refs)b::text[], %(base_ids)b::uuid[]) AS u (division_ref, base_id)
LEFT JOIN division_setting s ON s.division_ref = u.division_ref
LEFT JOIN division_zone z ON z.division_ref = u.division_ref
LEFT JOIN base b ON b.id = u.base_id
