-- portal_watch_failed: the portal could not be read. in: failure (a sentence)
UPDATE portal_watch SET failed_since = coalesce(failed_since, clock_timestamp()), failure = %(failure)s
