-- The journal is looked through by time, and by the code of what went wrong; each index is of a month's partition, so a
-- page of it costs the same however old the journal is.
CREATE INDEX journal_by_at ON journal (at, id);
CREATE INDEX journal_by_code ON journal (code, at, id) WHERE code <> '';
