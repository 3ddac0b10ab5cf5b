-- sessions_end: of one person. in: person_id, id (NULL = all), but (NULL = none: the one that goes on)
UPDATE token SET revoked_at = now()
WHERE person_id = %(person_id)s AND revoked_at IS NULL AND (%(id)s::uuid IS NULL OR id = %(id)s)
    AND (%(but)s::uuid IS NULL OR id <> %(but)s)
