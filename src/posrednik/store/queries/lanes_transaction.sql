-- lanes_transaction: the id of the running transaction, by which its fate can be asked for later. out: id
SELECT pg_current_xact_id()::text AS id
