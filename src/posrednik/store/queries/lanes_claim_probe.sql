-- lanes_claim_probe: the breaker's time is over: one worker takes the probe and is allowed one lane.
-- in: destination_id, probe_s (how long a probe may take before another worker may probe)
-- out: a row when this caller has the probe
UPDATE destination SET breaker = 'half_open', breaker_until = clock_timestamp() + make_interval(secs => %(probe_s)s)
WHERE id = %(destination_id)s AND state = 'open' AND breaker <> 'closed' AND breaker_until <= clock_timestamp()
RETURNING id
