-- person_codes_left: recovery codes that are not used yet. in: person_id. out: n
SELECT count(*) AS n FROM person_code WHERE person_id = %(person_id)s AND kind = 'recovery' AND used_at IS NULL
