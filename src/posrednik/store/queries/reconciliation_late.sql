-- reconciliation_late: runs that have not come to their end in so many hours. in: hours. out: id, base_id
UPDATE reconciliation SET state = 'late', finished_at = now()
WHERE state = 'running' AND started_at < now() - make_interval(secs => %(hours)s * 3600.0) RETURNING id, base_id
