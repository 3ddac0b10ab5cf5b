-- bucket_fill: bring a leaky bucket up to now and lock it. in: name, rate (a second), burst. out: tokens
-- One bucket a (portal, egress address), shared by all workers, filled by the database clock.
INSERT INTO bucket AS b (name, tokens) VALUES (%(name)s, %(burst)s)
ON CONFLICT (name) DO UPDATE SET filled_at = clock_timestamp(),
    tokens = least(%(burst)s, b.tokens + %(rate)s
        * greatest(extract(epoch FROM clock_timestamp() - b.filled_at), 0)::float8)
RETURNING b.tokens
