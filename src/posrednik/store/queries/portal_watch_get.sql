-- portal_watch_get: how far the watch of the portal has come. out: all columns of portal_watch, and now (the database's)
SELECT w.*, clock_timestamp() AS now FROM portal_watch w
