-- Users and projects of the portal as they were last read whole. email folded, phones digits with the country's code:
-- what couriers and people are found by. last_login NULL: never, or the portal does not tell. See
-- docs/subsystems/portal.md.
CREATE TABLE portal_user (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    phones text[] NOT NULL,
    active boolean NOT NULL,
    last_login timestamptz
);
CREATE TABLE portal_project (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    closed boolean NOT NULL
);

-- When they were read (both at once), and why the last try failed; NULL: it did not.
CREATE TABLE portal_reading (
    one boolean PRIMARY KEY DEFAULT true,
    read_at timestamptz,
    tried_at timestamptz NOT NULL,
    why text,
    CONSTRAINT portal_is_one CHECK (one)
);

-- What the last check or set-up of the portal said: lines as the page shows them.
CREATE TABLE portal_report (
    kind text PRIMARY KEY,
    at timestamptz NOT NULL,
    who text NOT NULL,
    lines jsonb NOT NULL,
    CONSTRAINT report_of_the_portal CHECK (kind IN ('check', 'setup'))
);
