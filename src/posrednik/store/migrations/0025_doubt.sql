-- Doubt about a restored base ends (docs/subsystems/reconciliation.md). doubt_at: since when; only what was compared later
-- proves anything. doubt_left: what is not proven, as it was last counted. doubt_over_at: when the last doubt ended.
ALTER TABLE base ADD COLUMN doubt_at timestamptz, ADD COLUMN doubt_left jsonb, ADD COLUMN doubt_over_at timestamptz;
UPDATE base b SET doubt_at = coalesce((SELECT e.started_at FROM base_epoch e
    WHERE e.base_id = b.id AND e.epoch_no = b.doubt_epoch_no + 1), now()) WHERE b.doubt_epoch_no > 0;
ALTER TABLE base ADD CONSTRAINT doubt_whole CHECK ((doubt_epoch_no = 0) = (doubt_at IS NULL) AND (doubt_at IS NOT NULL OR doubt_left IS NULL));
