-- view_delivery_comments: what people said of a delivery, oldest first. in: delivery_id. out: id, at, author, text
SELECT id, at, author, text FROM delivery_comment WHERE delivery_id = %(delivery_id)s ORDER BY at, id LIMIT 500
