-- view_workers: who works. out: id, host, pid, beat_age_s, leases
SELECT w.id, w.host, w.pid, extract(epoch FROM clock_timestamp() - w.beat_at)::float8 AS beat_age_s,
    (SELECT count(*) FROM lane l WHERE l.owner = w.id AND l.state = 'leased') AS leases
FROM worker w ORDER BY w.started_at
