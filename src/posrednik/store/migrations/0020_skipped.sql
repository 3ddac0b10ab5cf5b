-- Numbers that were never given on purpose: a restored service goes on beyond those that bases know.

ALTER TABLE outgoing_counter ADD COLUMN skipped bigint NOT NULL DEFAULT 0;
UPDATE outgoing_counter c SET skipped = greatest(0, last_number - (SELECT count(*) FROM outgoing o WHERE o.base_id = c.base_id));
