-- portal_check: the last check. in: destination_id. out: at, by, lines (JSON text); no row = never checked
SELECT at, by, lines::text AS lines FROM portal_check WHERE destination_id = %(destination_id)s
