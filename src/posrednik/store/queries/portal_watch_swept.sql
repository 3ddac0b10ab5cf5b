-- portal_watch_swept: tasks were counted. in: swept_to (the portal's clock when that began)
UPDATE portal_watch SET swept_at = clock_timestamp(), swept_to = coalesce(%(swept_to)s, swept_to)
