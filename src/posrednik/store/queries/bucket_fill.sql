-- bucket_fill: bring a leaky bucket up to now and lock it. in: name, rate (a second), burst
-- out: tokens, rate (that it fills by now), slowed_s (since the last refusal that taught a rate, null = none is known)
-- One bucket a (portal, egress address), shared by all workers, filled by the database clock.
INSERT INTO bucket AS b (name, tokens) VALUES (%(name)s, %(burst)s)
ON CONFLICT (name) DO UPDATE SET filled_at = clock_timestamp(),
    tokens = least(%(burst)s, b.tokens + bucket_rate(b.learned, b.slowed_at, %(rate)s)
        * greatest(extract(epoch FROM clock_timestamp() - b.filled_at), 0)::float8)
RETURNING b.tokens, bucket_rate(b.learned, b.slowed_at, %(rate)s) AS rate,
    extract(epoch FROM clock_timestamp() - b.slowed_at)::float8 AS slowed_s
