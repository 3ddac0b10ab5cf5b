-- portal_watch_forged: calls that were none of the portal's. in: n
UPDATE portal_watch SET forged = forged + %(n)s, last_forged_at = clock_timestamp()
