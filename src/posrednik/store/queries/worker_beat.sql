-- worker_beat: "I am alive", by the database clock. in: id, host, pid, gap_s (a silence so long is a gap)
INSERT INTO worker AS w (id, host, pid) VALUES (%(id)s, %(host)s, %(pid)s)
ON CONFLICT (id) DO UPDATE SET beat_at = clock_timestamp(), steady_since = CASE
    WHEN w.beat_at < clock_timestamp() - make_interval(secs => %(gap_s)s) THEN clock_timestamp() ELSE w.steady_since END
