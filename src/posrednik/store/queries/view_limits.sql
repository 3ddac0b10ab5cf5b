-- view_limits: buckets as they were filled last, and pauses of methods that still last; that of all is the breaker's.
-- out: kind (bucket or pause), name (of the bucket, of the destination), method, tokens, age_s, left_s, why
SELECT 'bucket' AS kind, b.name, NULL AS method, b.tokens,
    extract(epoch FROM clock_timestamp() - b.filled_at)::float8 AS age_s, NULL::float8 AS left_s, NULL AS why
FROM bucket b
UNION ALL
SELECT 'pause', d.name, p.method, NULL, NULL, extract(epoch FROM p.until - clock_timestamp())::float8, p.why
FROM method_pause p JOIN destination d ON d.id = p.destination_id WHERE p.until > clock_timestamp() AND p.method <> '*'
ORDER BY 1, 2, 3
