-- portal_bucket: a shared bucket as it is now. in: name, rate, burst
-- out: tokens, rate (that it fills by now), learned (true: less than is configured, as a refusal taught), slowed_at, refused
SELECT least(%(burst)s, b.tokens + r.rate * greatest(extract(epoch FROM clock_timestamp() - b.filled_at), 0)::float8) AS tokens,
    r.rate, r.rate < %(rate)s AS learned, b.slowed_at, b.refused
FROM bucket b CROSS JOIN LATERAL (SELECT bucket_rate(b.learned, b.slowed_at, %(rate)s) AS rate) r WHERE b.name = %(name)s
