-- base_heard: a base has called. in: base_id. One that is not there any more changes nothing.
INSERT INTO base_heard AS h (base_id, at) SELECT id, now() FROM base WHERE id = %(base_id)s
ON CONFLICT (base_id) DO UPDATE SET at = greatest(h.at, excluded.at)
