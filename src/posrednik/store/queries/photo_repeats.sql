-- photo_repeats: other steps since then that name this photo or one like it, latest first. The same photo is found by
-- its hash however old it is; those like it among the ones received since then, by photo_by_time. The limit inside
-- tells the planner that they are few, so that their steps are found by step_photo_by_hash.
-- in: sha256, phash (text of 64 digits), near (bits), not_source, since
-- out: sha256 (hex), phash (text of 64 digits), order_number (null: of no delivery), at, courier_ref, source
WITH alike AS MATERIALIZED (
    (SELECT sha256, phash FROM photo WHERE sha256 = %(sha256)s)
    UNION
    (SELECT sha256, phash FROM photo
    WHERE received_at >= %(since)s AND bit_count(phash # %(phash)s::bit(64)) <= %(near)s
    ORDER BY received_at DESC LIMIT 50)
)
SELECT encode(alike.sha256, 'hex') AS sha256, alike.phash::text AS phash, d.order_number, s.at, s.courier_ref, s.source
FROM alike JOIN step_photo s ON s.sha256 = alike.sha256 LEFT JOIN delivery d ON d.id = s.delivery_id
WHERE s.source <> %(not_source)s AND s.at >= %(since)s
ORDER BY s.at DESC, s.source LIMIT 20
