-- pilot_figures: what stands in the way of a division. in: ref, alive_s (a worker that beat within this is alive)
-- out: workers, incidents, dead, waits, quarantined, subscribers
SELECT
    (SELECT count(*) FROM worker WHERE beat_at > clock_timestamp() - make_interval(secs => %(alive_s)s)) AS workers,
    (SELECT count(*) FROM incident WHERE state = 'open' AND division_ref = %(ref)s) AS incidents,
    (SELECT count(*) FROM message m JOIN event e ON e.id = m.event_id
        WHERE m.dead_at IS NOT NULL AND e.division_ref = %(ref)s) AS dead,
    (SELECT count(DISTINCT m.lane_id) FROM message m JOIN event e ON e.id = m.event_id
        WHERE m.dead_at IS NULL AND e.division_ref = %(ref)s) AS waits,
    (SELECT count(*) FROM quarantine WHERE cleared_at IS NULL) AS quarantined,
    (SELECT count(*) FROM subscription s JOIN destination d ON d.id = s.destination_id AND d.state = 'open'
        WHERE s.division_ref IS NULL OR s.division_ref = %(ref)s) AS subscribers
