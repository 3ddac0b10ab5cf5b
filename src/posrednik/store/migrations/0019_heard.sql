-- When a base was last heard, and what waits longest (docs/subsystems/exchange_pages.md, «Базы 1С»).
CREATE TABLE base_heard (
    base_id uuid PRIMARY KEY REFERENCES base,
    at timestamptz NOT NULL
);

-- What waits longest is shown first, page by page.
CREATE INDEX waiting_by_since ON waiting_object (base_id, since, kind, ref);
