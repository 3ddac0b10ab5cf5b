-- portal_watch_polled: changes were read. in: polled_to (the portal's clock), polled_at (ours, when that began), zone_s
UPDATE portal_watch SET polled_to = %(polled_to)s, polled_at = %(polled_at)s, zone_s = %(zone_s)s, failed_since = NULL,
    failure = ''
