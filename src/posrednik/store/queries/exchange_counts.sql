-- exchange_counts: figures of GET /exchange/state. in: base_id. out: waiting, quarantined, outgoing
SELECT (SELECT count(*) FROM waiting_object WHERE base_id = %(base_id)s)
        + (SELECT count(*) FROM command WHERE base_id = %(base_id)s AND status = 'waiting') AS waiting,
    (SELECT count(*) FROM quarantine WHERE base_id = %(base_id)s AND cleared_at IS NULL) AS quarantined,
    (SELECT coalesce(sum(l.depth), 0)::bigint FROM lane l JOIN destination d ON d.id = l.destination_id
        WHERE d.name = 'onec:' || %(base_id)s::text) AS outgoing
