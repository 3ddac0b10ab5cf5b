-- delivery_comment_add: a word about a delivery, and one more on its card. in: id, delivery_id, at, author, text
WITH said AS (
    INSERT INTO delivery_comment (id, delivery_id, at, author, text)
    VALUES (%(id)s, %(delivery_id)s, %(at)s, %(author)s, %(text)s) RETURNING delivery_id
)
UPDATE delivery d SET comments = comments + 1 FROM said WHERE d.id = said.delivery_id
