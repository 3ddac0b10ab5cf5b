-- base_heard: a base has called. in: base_id. One that is not there any more changes nothing.
-- pause_s: the longest pause between two calls; what is a week old counts half, so that it follows how a base lives now.
INSERT INTO base_heard AS h (base_id, at) SELECT id, now() FROM base WHERE id = %(base_id)s
ON CONFLICT (base_id) DO UPDATE SET at = greatest(h.at, excluded.at),
    pause_s = greatest(extract(epoch FROM excluded.at - h.at)::float8,
        h.pause_s * power(0.5, greatest(extract(epoch FROM excluded.at - h.at), 0)::float8 / 604800))
