-- lanes_claim_probe: the breaker's time is over: one worker takes the probe and is allowed one lane.
-- in: destination_id, probe_s (how long a probe may take before another worker may probe)
-- out: pause_s (how long the breaker was open last) when this caller has the probe
-- Roll back if there is no lane to probe with: a probe that sends nothing would only keep others from probing.
UPDATE destination SET breaker = 'half_open', breaker_until = clock_timestamp() + make_interval(secs => %(probe_s)s)
WHERE id = %(destination_id)s AND state = 'open' AND breaker <> 'closed' AND breaker_until <= clock_timestamp()
RETURNING breaker_pause_s AS pause_s
