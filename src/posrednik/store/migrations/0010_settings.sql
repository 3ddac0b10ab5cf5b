-- 0010_settings: who of the couriers is which user of Bitrix24, where a person says so. See schema_settings.sql.
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
