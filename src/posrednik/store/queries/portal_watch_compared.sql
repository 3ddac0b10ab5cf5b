-- portal_watch_compared: all open tasks were looked at.
UPDATE portal_watch SET compared_at = clock_timestamp()
