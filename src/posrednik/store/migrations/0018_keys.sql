-- What tells a repeat is kept by months and dropped whole: docs/decisions/0011-what-is-kept-how-long.md.
-- All in one transaction: whatever ends it leaves the tables as they were, and it is tried again.

DO $$
DECLARE
    old text;
    found boolean;
    named record;
BEGIN
    FOREACH old IN ARRAY ARRAY['inbox', 'idempotency'] LOOP
        EXECUTE format('LOCK TABLE %I', old);
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', old) INTO found;
        IF NOT found THEN
            EXECUTE format('DROP TABLE %I', old);
            CONTINUE;
        END IF;
        -- The names are those of the new table; of NOT NULL there are some since PostgreSQL 18.
        FOR named IN SELECT conname, contype FROM pg_constraint WHERE conrelid = old::regclass AND contype IN ('p', 'f', 'n') LOOP
            IF named.contype = 'n' THEN
                EXECUTE format('ALTER TABLE %I RENAME CONSTRAINT %I TO %I', old, named.conname, 'before_' || named.conname);
            ELSE
                EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', old, named.conname);
            END IF;
        END LOOP;
        EXECUTE format('ALTER TABLE %I RENAME TO %I', old, old || '_before');
    END LOOP;
END $$;

CREATE TABLE inbox (
    base_id uuid NOT NULL,
    epoch_no integer NOT NULL,
    number bigint NOT NULL,
    body_hash bytea NOT NULL,
    body bytea NOT NULL,
    answer json NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (base_id, epoch_no, number, received_at),
    CONSTRAINT number_starts_at_one CHECK (number >= 1)
) PARTITION BY RANGE (received_at);
ALTER TABLE inbox ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;

CREATE TABLE idempotency (
    principal text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    answer bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, key, made_at),
    CONSTRAINT key_of_bearable_length CHECK (length(key) BETWEEN 1 AND 255)
) PARTITION BY RANGE (made_at);
CREATE TABLE idempotency_default PARTITION OF idempotency DEFAULT;

-- The rows that are there become the first partition, up to the end of this month (UTC); nothing is copied. What a
-- jumping clock has dated later goes to the default partition.
DO $$
DECLARE
    old record;
    until timestamptz := (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    FOR old IN SELECT name, name || '_before' AS before, at
        FROM (VALUES ('inbox', 'received_at'), ('idempotency', 'made_at')) AS t (name, at)
        WHERE to_regclass(name || '_before') IS NOT NULL LOOP
        EXECUTE format('WITH strays AS (DELETE FROM %I WHERE %I >= %L RETURNING *) INSERT INTO %I SELECT * FROM strays',
            old.before, old.at, until, old.name);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)', old.name, old.before, until);
    END LOOP;
END $$;

-- Commands that only compare are forgotten, those that do something are not.
CREATE INDEX command_that_compares ON command (received_at) WHERE type NOT LIKE 'delivery.%' AND type NOT LIKE 'backpack.%';
CREATE INDEX quarantine_cleared ON quarantine (cleared_at) WHERE cleared_at IS NOT NULL;
