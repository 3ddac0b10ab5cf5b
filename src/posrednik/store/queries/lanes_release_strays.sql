-- lanes_release_strays: lanes that a claim leased whose commit could not be confirmed: nothing of them was sent.
-- in: destination_id, owner, held (lane ids that this worker knows it has)
-- Only the claimer of this destination in this worker calls it, between two claims, so no claim of it is under way.
UPDATE lane l SET state = 'ready', owner = NULL, leased_until = NULL, due_at = clock_timestamp(),
    sending_upto = 0, epoch = l.epoch + 1
WHERE l.destination_id = %(destination_id)s AND l.state = 'leased' AND l.owner = %(owner)s
    AND l.id <> ALL(%(held)b::bigint[])
