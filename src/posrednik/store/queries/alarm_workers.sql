-- alarm_workers: workers that did not say good-bye. out: host, pid, started_at, beat_at
SELECT host, pid, started_at, beat_at FROM worker WHERE beat_at > clock_timestamp() - interval '1 day' ORDER BY started_at
