-- base_last_taken: when a base was last taken anything from. in: base_id. out: at (null = never)
SELECT greatest(
    (SELECT max(received_at) FROM inbox WHERE base_id = %(base_id)s),
    (SELECT max(received_at) FROM command WHERE base_id = %(base_id)s)) AS at
