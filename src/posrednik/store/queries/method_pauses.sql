-- method_pauses: what is paused now. in: destination_id. out: method, left_s, why
SELECT method, extract(epoch FROM until - clock_timestamp())::float8 AS left_s, why FROM method_pause
WHERE destination_id = %(destination_id)s AND until > clock_timestamp()
