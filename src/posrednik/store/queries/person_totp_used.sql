-- person_totp_used: the code of this step was used. in: id, step
UPDATE person SET totp_step = %(step)s WHERE id = %(id)s
