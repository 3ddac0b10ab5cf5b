-- method_pause_set: a method is not to be called for a while; the later end wins. in: destination_id, method, for_s, why
INSERT INTO method_pause AS p (destination_id, method, until, why)
VALUES (%(destination_id)s, %(method)s, clock_timestamp() + make_interval(secs => %(for_s)s), %(why)s)
ON CONFLICT (destination_id, method) DO UPDATE
    SET until = greatest(p.until, excluded.until), why = excluded.why
