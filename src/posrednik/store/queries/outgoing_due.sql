-- outgoing_due: is there anything to give to this base now? in: destination_id. out: a row if so
SELECT 1 AS one FROM lane WHERE destination_id = %(destination_id)s AND state = 'ready' AND priority IN (0, 1)
    AND due_at <= clock_timestamp() LIMIT 1
