-- worker_beat: "I am alive", by the database clock. in: id, host, pid
INSERT INTO worker (id, host, pid) VALUES (%(id)s, %(host)s, %(pid)s)
ON CONFLICT (id) DO UPDATE SET beat_at = clock_timestamp()
