-- portal_watch_heard: events came in. in: n
UPDATE portal_watch SET events = events + %(n)s, last_event_at = clock_timestamp()
