-- load_notes: what a person must know of this load. in: id, notes (JSON text of a list, added)
UPDATE load SET notes = notes || %(notes)s::jsonb WHERE id = %(id)s
