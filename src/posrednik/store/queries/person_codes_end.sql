-- person_codes_end: of one kind. in: person_id, kind
DELETE FROM person_code WHERE person_id = %(person_id)s AND kind = %(kind)s
