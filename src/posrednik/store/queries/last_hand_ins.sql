-- last_hand_ins: the newest hand-in of every courier. out: courier_ref, at, sum_kop, receiver
SELECT DISTINCT ON (courier_ref) courier_ref, at, (doc ->> 'sum_kop')::bigint AS sum_kop,
    coalesce(doc #>> '{receiver,name}', doc #>> '{receiver,ref}') AS receiver
FROM cash_entry WHERE kind = 'handed_in' ORDER BY courier_ref, at DESC
