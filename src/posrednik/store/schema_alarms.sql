-- What is learned of the portal's limits, and what is wrong now. See docs/subsystems/alarms.md and portal.md.
CREATE TABLE portal_method (
    destination_id integer NOT NULL REFERENCES destination,
    method text NOT NULL,
    calls bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    operating_s double precision,
    reset_at timestamptz,
    limit_s double precision,
    learned_at timestamptz,
    last_code text NOT NULL DEFAULT '',
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (destination_id, method),
    CONSTRAINT learned_limit_has_a_start CHECK ((limit_s IS NULL) = (learned_at IS NULL))
);

-- How the portal as a whole is: stopped while its last word was that nothing at all is possible.
CREATE TABLE portal_health (
    destination_id integer PRIMARY KEY REFERENCES destination,
    ok_at timestamptz,
    stopped_at timestamptz,
    code text NOT NULL DEFAULT '',
    why text NOT NULL DEFAULT '',
    CONSTRAINT stopped_portal_has_a_code CHECK ((stopped_at IS NULL) = (code = ''))
);

-- What is wrong now; a row goes when it is over. subject: which one of several, '' = there is but one.
CREATE TABLE alarm (
    code text NOT NULL,
    subject text NOT NULL DEFAULT '',
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    facts jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (code, subject)
);
