-- outgoing_due: is there anything to give to this base now? in: destination_id. out: a row if so
-- One index probe a priority, whatever waits for its acknowledgement (statement_timestamp(): see lanes_claim).
SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM lane WHERE destination_id = %(destination_id)s AND state = 'ready'
        AND NOT held AND priority = 0 AND due_at <= statement_timestamp())
    OR EXISTS (SELECT 1 FROM lane WHERE destination_id = %(destination_id)s AND state = 'ready'
        AND NOT held AND priority = 1 AND due_at <= statement_timestamp())
