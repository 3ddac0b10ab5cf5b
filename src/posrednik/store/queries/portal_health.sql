-- portal_health: the portal as a whole. in: destination_id. out: ok_at, stopped_at, code, why; no row = never called
SELECT ok_at, stopped_at, code, why FROM portal_health WHERE destination_id = %(destination_id)s
