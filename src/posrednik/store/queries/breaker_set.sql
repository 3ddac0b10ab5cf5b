-- breaker_set: move a destination's breaker. in: destination_id, breaker, for_s (null when closed), pause_s, why
UPDATE destination SET breaker = %(breaker)s, breaker_pause_s = %(pause_s)s, breaker_why = %(why)s,
    breaker_until = CASE WHEN %(breaker)s = 'closed' THEN NULL
                         ELSE clock_timestamp() + make_interval(secs => %(for_s)s) END,
    breaker_since = CASE WHEN %(breaker)s = 'closed' THEN NULL ELSE coalesce(breaker_since, clock_timestamp()) END
WHERE id = %(destination_id)s
