-- photo_of_divisions: whether somebody limited to divisions may see a photo: he sent it, or a step names it of a delivery,
-- or by a courier, of one of them. in: sha256, owner (person:ID), divisions. out: may
SELECT EXISTS (SELECT FROM photo_owner WHERE sha256 = %(sha256)s AND owner = %(owner)s)
    OR EXISTS (
        SELECT FROM step_photo s JOIN delivery d ON d.id = s.delivery_id
        WHERE s.sha256 = %(sha256)s AND d.division_ref = ANY(%(divisions)s::text[])
    ) OR EXISTS (
        SELECT FROM step_photo s JOIN mirror m ON m.kind = 'courier' AND m.ref = s.courier_ref
        WHERE s.sha256 = %(sha256)s AND s.delivery_id IS NULL AND m.data ->> 'division' = ANY(%(divisions)s::text[])
    ) AS may
