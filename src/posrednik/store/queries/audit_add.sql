-- audit_add: what somebody did, in the transaction that does it.
-- in: who, name, person_id, action, operation, subject, division_ref, outcome, data (JSON text)
INSERT INTO audit (who, name, person_id, action, operation, subject, division_ref, outcome, data)
VALUES (%(who)s, %(name)s, %(person_id)s, %(action)s, %(operation)s, %(subject)s, %(division_ref)s, %(outcome)s,
    %(data)s::jsonb)
