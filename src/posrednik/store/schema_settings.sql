-- Whose user of Bitrix24 a courier is, where a person says otherwise than 1C. bitrix24_user NULL: 1C's own again; '':
-- none, whatever 1C says. who, reason: of the last change; all of them are in the audit. See docs/subsystems/settings.md.
CREATE TABLE courier_mapping (
    courier_ref text PRIMARY KEY,
    bitrix24_user text,
    version integer NOT NULL DEFAULT 1,
    who text NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    CONSTRAINT portal_user_is_a_number CHECK (bitrix24_user ~ '^[0-9]{0,18}$')
);
CREATE UNIQUE INDEX courier_mapping_user_once ON courier_mapping (bitrix24_user) WHERE bitrix24_user <> '';
