-- week_switches: modes that were switched in a time, oldest first. in: since, until, divisions (null = all)
-- out: division_ref, at, who, reason, before, after
SELECT division_ref, at, who, reason, changes #>> '{mode,before}' AS before, changes #>> '{mode,after}' AS after
FROM division_change
WHERE kind = 'mode' AND at >= %(since)s AND at < %(until)s
    AND (%(divisions)s::text[] IS NULL OR division_ref = ANY(%(divisions)s))
ORDER BY at
