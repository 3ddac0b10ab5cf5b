-- The portal of Bitrix24 and our application there. See docs/subsystems/portal.md.

-- One row a portal (domain: host, with the port if there is one). What is secret is sealed under a key that follows from
-- bitrix24.client_secret, so that the database alone opens nothing. user_id: who installed it, and acts by these tokens.
-- state: installed; broken (code: why the tokens are dead; an administrator's opening heals it); uninstalled.
-- revision grows with every new pair of tokens. refreshed_at: when the portal gave the present pair. failures in a row,
-- and until when nobody asks again. The lease: who is asking for the next pair now.
CREATE TABLE portal_install (
    domain text PRIMARY KEY,
    member_id text NOT NULL,
    client_id text NOT NULL,
    user_id bigint NOT NULL,
    access bytea,
    refresh bytea,
    application_token bytea,
    scope text[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'installed',
    code text NOT NULL DEFAULT '',
    revision integer NOT NULL DEFAULT 1,
    expires_at timestamptz,
    installed_at timestamptz NOT NULL DEFAULT now(),
    refreshed_at timestamptz NOT NULL DEFAULT now(),
    failures integer NOT NULL DEFAULT 0,
    rest_until timestamptz,
    lease_owner uuid,
    lease_until timestamptz,
    CONSTRAINT portal_state_known CHECK (state IN ('installed', 'broken', 'uninstalled')),
    CONSTRAINT tokens_until_uninstalled CHECK ((state = 'uninstalled') = (access IS NULL) AND (access IS NULL) = (refresh IS NULL)),
    CONSTRAINT portal_lease_has_an_end CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
);
