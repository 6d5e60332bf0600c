-- Deploy zero_admin:version to pg
-- requires: roles
-- The one value by which a tool knows whether this schema is the one it was built for.

BEGIN;

CREATE SCHEMA IF NOT EXISTS zero_admin;

CREATE TABLE zero_admin.schema_version (
    change text NOT NULL UNIQUE,
    version integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE zero_admin.schema_version IS 'The changes of this schema in the order of their deployment; written by the changes themselves.';

-- The same in one text, for the tools: nothing to aggregate, which costs a tick that finds nothing a twentieth of its time.
CREATE TABLE zero_admin.schema_head (changes text NOT NULL);
INSERT INTO zero_admin.schema_head (changes) VALUES ('');
COMMENT ON TABLE zero_admin.schema_head IS 'The changes of schema_version in their order, separated by commas: one row, kept by a trigger.';

CREATE FUNCTION zero_admin.keep_schema_head() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE zero_admin.schema_head SET changes = array_to_string(zero_admin.schema_changes(), ',');
    RETURN NULL;
END
$$;
CREATE TRIGGER schema_version_head AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON zero_admin.schema_version
    FOR EACH STATEMENT EXECUTE FUNCTION zero_admin.keep_schema_head();

-- Every change calls this as its last act, and undoes it first when it is reverted.
CREATE FUNCTION zero_admin.change_deployed(change text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO zero_admin.schema_version (change) VALUES (change)
$$;

CREATE FUNCTION zero_admin.change_reverted(change text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM zero_admin.schema_version v WHERE v.change = change_reverted.change
$$;

CREATE FUNCTION zero_admin.schema_changes() RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(v.change ORDER BY v.version), '{}') FROM zero_admin.schema_version v
$$;

-- Raises unless the caller may work: ZA001 behind, ZA002 diverged. Returns at_head or ahead.
-- Raising (instead of returning) aborts the transaction, so a tool can ask in the same
-- round trip as its first work and be sure that nothing was done on a wrong schema.
CREATE FUNCTION zero_admin.require_schema(expected text[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found text[] := zero_admin.schema_changes();
    depth integer := least(cardinality(found), cardinality(expected));
BEGIN
    IF found = expected THEN
        RETURN 'at_head';
    ELSIF found[:depth] IS DISTINCT FROM expected[:depth] THEN
        RAISE EXCEPTION 'the schema zero_admin has changes that this program does not know' USING ERRCODE = 'ZA002';
    ELSIF cardinality(found) < cardinality(expected) THEN
        RAISE EXCEPTION 'the schema zero_admin is behind' USING ERRCODE = 'ZA001';
    END IF;
    RETURN 'ahead';
END
$$;

REVOKE ALL ON FUNCTION zero_admin.keep_schema_head(), zero_admin.change_deployed(text), zero_admin.change_reverted(text) FROM PUBLIC;
GRANT USAGE ON SCHEMA zero_admin TO zero_admin_application, zero_admin_runner, zero_admin_watcher, zero_admin_operator;
GRANT SELECT ON zero_admin.schema_version, zero_admin.schema_head TO zero_admin_runner, zero_admin_watcher, zero_admin_operator, zero_admin_application;

SELECT zero_admin.change_deployed('version');

COMMIT;
