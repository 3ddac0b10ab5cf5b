-- inbox_add: the message as it came (zlib), and its answer. in: base_id, epoch_no, number, body_hash, body, answer
INSERT INTO inbox (base_id, epoch_no, number, body_hash, body, answer)
VALUES (%(base_id)s, %(epoch_no)s, %(number)s, %(body_hash)s, %(body)s, %(answer)s::text::json)
