-- view_bases: every base with its figures. out: id, name, epoch, epoch_no, last_accepted, waiting, quarantined
SELECT b.id, b.name, b.epoch, b.epoch_no, b.last_accepted,
    (SELECT count(*) FROM waiting_object w WHERE w.base_id = b.id)
        + (SELECT count(*) FROM command c WHERE c.base_id = b.id AND c.status = 'waiting') AS waiting,
    (SELECT count(*) FROM quarantine q WHERE q.base_id = b.id AND q.cleared_at IS NULL) AS quarantined,
    (SELECT coalesce(json_agg(json_build_array(g.first_number, g.last_number) ORDER BY g.first_number), '[]')::text
        FROM base_gap g WHERE g.base_id = b.id AND g.epoch_no = b.epoch_no) AS gaps
FROM base b ORDER BY b.name
