-- leader_take: take or renew a maintenance duty. in: duty, holder, ttl_s. out: a row if we hold it now
INSERT INTO leader AS l (duty, holder, until)
VALUES (%(duty)s, %(holder)s, clock_timestamp() + make_interval(secs => %(ttl_s)s))
ON CONFLICT (duty) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE l.holder = excluded.holder OR l.until < clock_timestamp()
RETURNING holder
