-- week_counts: what people and machines had to do in a time. in: since, until, divisions (null = all)
-- out: raised, decided, open_now, dead_now, quarantined_now, shadow
SELECT
    (SELECT count(*) FROM incident WHERE raised_at >= %(since)s AND raised_at < %(until)s
        AND (%(divisions)s::text[] IS NULL OR division_ref = ANY(%(divisions)s))) AS raised,
    (SELECT count(*) FROM incident WHERE raised_at >= %(since)s AND raised_at < %(until)s AND state = 'decided'
        AND (%(divisions)s::text[] IS NULL OR division_ref = ANY(%(divisions)s))) AS decided,
    (SELECT count(*) FROM incident WHERE state = 'open'
        AND (%(divisions)s::text[] IS NULL OR division_ref = ANY(%(divisions)s))) AS open_now,
    (SELECT count(*) FROM message m JOIN event e ON e.id = m.event_id WHERE m.dead_at IS NOT NULL
        AND (%(divisions)s::text[] IS NULL OR e.division_ref = ANY(%(divisions)s))) AS dead_now,
    (SELECT count(*) FROM quarantine WHERE cleared_at IS NULL) AS quarantined_now,
    (SELECT count(*) FROM shadow_message WHERE at >= %(since)s AND at < %(until)s
        AND (%(divisions)s::text[] IS NULL OR division_ref = ANY(%(divisions)s))) AS shadow
