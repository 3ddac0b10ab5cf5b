-- lanes_finish: what became of leased lanes; one statement for a whole group of outcomes.
-- in: arrays, one element a lane: lane_ids, epochs, done_uptos (messages up to it are done, 0 = none),
-- releases (false: progress only, the lease stays), deads (the head becomes a dead letter), delays (seconds until
-- due), attempts, doubt_uptos, whys, why_texts
-- out: lane_id of those that were still ours, and due: it can be claimed again at once. A lane missing from it was
-- lost to another worker: nothing is written.
-- What was in doubt behind the messages of this lease stays so: the lease says nothing of it.
-- Locks lanes in the order of destination and key, as lanes_lock does.
WITH f AS (
    SELECT * FROM unnest(%(lane_ids)b::bigint[], %(epochs)b::bigint[], %(done_uptos)b::bigint[], %(releases)b::bool[],
        %(deads)b::bool[], %(delays)b::float8[], %(attempts)b::int[], %(doubt_uptos)b::bigint[], %(whys)b::text[],
        %(why_texts)b::text[])
        AS u (lane_id, epoch, done_upto, release, dead, delay, attempt, doubt_upto, why, why_text)
), ours AS (
    SELECT f.* FROM lane l JOIN f ON f.lane_id = l.id AND f.epoch = l.epoch
    WHERE l.state = 'leased'
    ORDER BY l.destination_id, l.key FOR UPDATE OF l
), done AS (
    DELETE FROM message m USING ours o
    WHERE m.lane_id = o.lane_id AND m.seq <= o.done_upto AND m.dead_at IS NULL
    RETURNING m.lane_id
), counted AS (
    SELECT lane_id, count(*)::int AS n FROM done GROUP BY lane_id
), dead AS (
    UPDATE message m SET dead_at = clock_timestamp(), dead_code = o.why, dead_why = o.why_text
    FROM ours o
    WHERE o.dead AND m.lane_id = o.lane_id AND m.seq = (
        SELECT min(x.seq) FROM message x WHERE x.lane_id = o.lane_id AND x.seq > o.done_upto AND x.dead_at IS NULL)
)
UPDATE lane l SET
    depth = l.depth - coalesce(c.n, 0),
    state = CASE WHEN NOT o.release THEN l.state
                 WHEN l.depth - coalesce(c.n, 0) = 0 THEN 'idle'
                 WHEN o.dead THEN 'dead' ELSE 'ready' END,
    owner = CASE WHEN o.release THEN NULL ELSE l.owner END,
    leased_until = CASE WHEN o.release THEN NULL ELSE l.leased_until END,
    sending_upto = CASE WHEN o.release THEN 0 ELSE l.sending_upto END,
    doubt_upto = CASE WHEN l.doubt_upto > l.sending_upto THEN l.doubt_upto ELSE o.doubt_upto END,
    due_at = CASE WHEN o.release THEN clock_timestamp() + make_interval(secs => o.delay) ELSE l.due_at END,
    attempt = o.attempt, why = o.why, why_text = o.why_text
FROM ours o LEFT JOIN counted c ON c.lane_id = o.lane_id
WHERE l.id = o.lane_id
RETURNING l.id AS lane_id, l.state = 'ready' AND NOT l.held AND o.delay = 0 AS due
