-- Limits of the portal as they are learned, and alarms (docs/subsystems/portal.md, alarms.md).
-- breaker_since: since when a destination has not answered; learned, slowed_at: the rate that a portal's refusal taught.
ALTER TABLE destination ADD COLUMN breaker_since timestamptz;
ALTER TABLE bucket ADD COLUMN learned double precision, ADD COLUMN slowed_at timestamptz,
    ADD COLUMN refused bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT learned_rate_has_a_start CHECK ((learned IS NULL) = (slowed_at IS NULL));
-- Calls a second that a bucket fills by: what a refusal taught, which grows by a tenth each half minute and is forgotten
-- after an hour, or what is configured.
CREATE FUNCTION bucket_rate(learned float8, slowed_at timestamptz, configured float8) RETURNS float8 LANGUAGE sql AS $$
    SELECT CASE WHEN learned IS NULL OR slowed_at < clock_timestamp() - interval '1 hour' THEN configured
        ELSE least(configured, learned * power(1.1,
            greatest(extract(epoch FROM clock_timestamp() - slowed_at), 0)::float8 / 30)) END
$$;
-- pause_s: the longest pause between two calls, forgotten by half in a week. since: when that began to be counted.
ALTER TABLE base_heard ADD COLUMN since timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN pause_s double precision NOT NULL DEFAULT 0;

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
