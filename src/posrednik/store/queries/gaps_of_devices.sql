-- gaps_of_devices: phones whose sequence has had a gap since before that time, no step behind it that waits or waited in
-- vain (that tells of it), and no incident that came or had news since the gap was due. in: before, wait (interval between a gap and its incident), limit
-- out: courier_ref, device. A gap is as old as the step behind it.
SELECT d.courier_ref, d.device
FROM device d CROSS JOIN LATERAL (
    SELECT e.received_at AS since FROM courier_event e
    WHERE e.courier_ref = d.courier_ref AND e.device = d.device AND e.seq > d.whole_to ORDER BY e.seq LIMIT 1) gap
WHERE d.whole_to < d.last_seq AND gap.since < %(before)s
    AND NOT EXISTS (SELECT 1 FROM courier_event e
        WHERE e.courier_ref = d.courier_ref AND e.device = d.device AND e.seq > d.whole_to
            AND e.code = 'waits_for_earlier')
    AND NOT EXISTS (SELECT 1 FROM incident i
        WHERE i.subject_kind = 'device' AND i.subject_id = d.courier_ref || '/' || d.device AND i.kind = 'sequence_gap'
            AND i.last_at >= gap.since + %(wait)s)
ORDER BY gap.since LIMIT %(limit)s
