-- mapping_users: couriers of a base with their users of the portal, a page's word before 1C's. in: base_id
-- out: ref, bitrix24_user (empty = none)
SELECT m.ref, coalesce(p.bitrix24_user, btrim(m.data ->> 'bitrix24_user'), '') AS bitrix24_user
FROM mirror m LEFT JOIN courier_mapping p ON p.courier_ref = m.ref
WHERE m.base_id = %(base_id)s AND m.kind = 'courier' AND NOT m.deleted
