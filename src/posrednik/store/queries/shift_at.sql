-- shift_at: the shift in which a moment of a courier lies; itself false: or that a manager closed for him before it, as
-- long as he opened no other. in: courier_ref, at, itself. out: doc (text)
SELECT s.doc::text AS doc FROM shift s
WHERE s.courier_ref = %(courier_ref)s AND s.opened_at <= %(at)s AND (s.closed_at IS NULL OR s.closed_at >= %(at)s
    OR NOT %(itself)s AND s.doc ->> 'closed_by' IS NOT NULL AND NOT EXISTS (SELECT 1 FROM shift n
        WHERE n.courier_ref = s.courier_ref AND n.opened_at > s.opened_at AND n.opened_at <= %(at)s))
ORDER BY s.opened_at DESC LIMIT 1 FOR UPDATE OF s
