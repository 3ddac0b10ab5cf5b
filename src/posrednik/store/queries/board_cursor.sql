-- board_cursor: where the stream of the board is now: the snapshot of this very look. out: cursor
SELECT pg_current_snapshot()::text AS cursor
