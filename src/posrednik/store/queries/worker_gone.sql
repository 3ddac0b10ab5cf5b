-- worker_gone: this worker stops; workers silent for a day are forgotten with it. in: id
DELETE FROM worker WHERE id = %(id)s OR beat_at < clock_timestamp() - interval '1 day'
