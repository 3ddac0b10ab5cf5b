-- portal_chat_delivery: the delivery whose task has this chat, if it is with the courier whom the portal's pass let in.
-- in: chat_id, auth_hash. out: delivery_id
SELECT d.id AS delivery_id
FROM portal_entry e
JOIN delivery d ON d.courier_ref = e.courier_ref OR d.doc #>> '{holder,ref}' = e.courier_ref
JOIN portal_task p ON p.delivery_id = d.id
WHERE e.auth_hash = %(auth_hash)s AND p.chat_id = %(chat_id)s AND p.gone_at IS NULL
ORDER BY p.task_id DESC LIMIT 1
