-- photo_of_courier: whether a courier may see a photo: he sent it, or another's step of a delivery that is or was his
-- names it. What his own steps name gives no right: else he could see any photo whose hash he knows.
-- in: sha256, owner (device:COURIER), courier_ref. out: may
SELECT EXISTS (SELECT FROM photo_owner WHERE sha256 = %(sha256)s AND owner = %(owner)s)
    OR EXISTS (
        SELECT FROM step_photo s JOIN delivery d ON d.id = s.delivery_id
        WHERE s.sha256 = %(sha256)s AND s.courier_ref IS DISTINCT FROM %(courier_ref)s
            AND (d.courier_ref = %(courier_ref)s OR d.doc #>> '{holder,ref}' = %(courier_ref)s
                OR d.doc -> 'carriers' ? %(courier_ref)s OR d.doc -> 'former_courier_refs' ? %(courier_ref)s)
    ) AS may
