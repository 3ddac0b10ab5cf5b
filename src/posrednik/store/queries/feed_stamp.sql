-- feed_stamp: events that are visible now and not yet in the feed get the next cursors. in: last_no, limit. out: last_no
-- An event committed later gets a later number, so a reader never skips one; within a subject the order is that of
-- its versions, because the next version is written only after this one is committed.
WITH fresh AS (
    SELECT pos FROM event WHERE feed_no IS NULL AND published ORDER BY pos LIMIT %(limit)s
), numbered AS (
    SELECT pos, %(last_no)s + row_number() OVER (ORDER BY pos) AS no FROM fresh
), stamped AS (
    UPDATE event e SET feed_no = n.no FROM numbered n WHERE e.pos = n.pos RETURNING n.no
)
UPDATE feed_counter SET last_no = (SELECT max(no) FROM stamped)
WHERE EXISTS (SELECT 1 FROM stamped) RETURNING last_no
