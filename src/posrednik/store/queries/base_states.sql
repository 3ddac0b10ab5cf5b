-- base_states: every base with where its exchange stands. in: most (counts end there)
-- out: id, name, time_zone, mode, encoding, epoch, epoch_no, instance, last_accepted, epoch_at, epoch_reason, heard_at, message_at,
-- gaps (JSON text, the first 20), missing (numbers), waiting, commands, oldest_at, quarantined; restored (it is in doubt since
-- doubt_at; doubt_left: JSON text), restored_at, restored_why (of the epoch that was begun for it, null: its numbers went back),
-- confirmed_at (when the last doubt ended)
-- Each count is an index scan of what is open now, cut off at `most`: the cost does not grow with the mirror.
SELECT b.id, b.name, b.time_zone, b.mode, b.encoding, b.epoch, b.epoch_no, b.instance, b.last_accepted,
    e.started_at AS epoch_at, e.reason AS epoch_reason, h.at AS heard_at,
    (SELECT i.received_at FROM inbox i WHERE i.base_id = b.id AND i.epoch_no = b.epoch_no ORDER BY i.number DESC LIMIT 1) AS message_at,
    g.gaps, coalesce(g.missing, 0)::bigint AS missing,
    (SELECT count(*) FROM (SELECT 1 FROM waiting_object w WHERE w.base_id = b.id LIMIT %(most)s) w) AS waiting,
    (SELECT count(*) FROM (SELECT 1 FROM command c WHERE c.base_id = b.id AND c.status = 'waiting' LIMIT %(most)s) c) AS commands,
    least((SELECT w.since FROM waiting_object w WHERE w.base_id = b.id ORDER BY w.since LIMIT 1),
        (SELECT min(c.received_at) FROM (SELECT c.received_at FROM command c WHERE c.base_id = b.id AND c.status = 'waiting'
            LIMIT %(most)s) c)) AS oldest_at,
    (SELECT count(*) FROM (SELECT 1 FROM quarantine q WHERE q.base_id = b.id AND q.cleared_at IS NULL LIMIT %(most)s) q) AS quarantined,
    b.doubt_epoch_no > 0 AS restored, r.started_at AS restored_at, r.reason AS restored_why,
    b.doubt_at, b.doubt_left::text AS doubt_left, b.doubt_over_at AS confirmed_at
FROM base b
LEFT JOIN base_epoch e ON e.base_id = b.id AND e.epoch = b.epoch
LEFT JOIN base_epoch r ON b.doubt_epoch_no > 0 AND r.base_id = b.id AND r.epoch_no = b.doubt_epoch_no + 1
LEFT JOIN base_heard h ON h.base_id = b.id
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_array(x.first_number, x.last_number) ORDER BY x.first_number) FILTER (WHERE x.place <= 20), '[]')::text
        AS gaps, sum(x.last_number - x.first_number + 1) AS missing
    FROM (SELECT y.first_number, y.last_number, row_number() OVER (ORDER BY y.first_number) AS place
        FROM base_gap y WHERE y.base_id = b.id AND y.epoch_no = b.epoch_no) x
) g
ORDER BY b.name, b.id
