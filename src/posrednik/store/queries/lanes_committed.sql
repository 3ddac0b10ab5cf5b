-- lanes_committed: what became of a transaction whose commit got no answer. in: id. out: committed
SELECT coalesce(pg_xact_status(%(id)s::xid8) = 'committed', false) AS committed
