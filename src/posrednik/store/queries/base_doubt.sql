-- base_doubt: the base was restored from a copy. in: base_id, epoch_no, number. Runs under the lock of the base, by the clock and
-- not by the transaction's beginning: what was compared before it is no proof.
UPDATE base SET doubt_epoch_no = %(epoch_no)s, doubt_number = %(number)s, doubt_at = clock_timestamp(), doubt_left = NULL
WHERE id = %(base_id)s
