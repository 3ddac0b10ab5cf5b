-- bucket_spend: take tokens that bucket_fill has just shown to be there. in: name, spent
UPDATE bucket SET tokens = tokens - %(spent)s WHERE name = %(name)s
