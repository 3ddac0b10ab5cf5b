-- When a base was last heard, apart from `base`: a poll must not wait for the message that holds that row.
CREATE TABLE base_heard (
    base_id uuid PRIMARY KEY REFERENCES base,
    at timestamptz NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    pause_s double precision NOT NULL DEFAULT 0
);

-- What waits longest is shown first, page by page.
CREATE INDEX waiting_by_since ON waiting_object (base_id, since, kind, ref);
