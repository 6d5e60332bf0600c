-- Revert zero_admin:version from pg
-- The schema itself stays when the application keeps tables of its own in it.

BEGIN;

DROP FUNCTION zero_admin.require_schema(text[]);
DROP FUNCTION zero_admin.schema_changes();
DROP FUNCTION zero_admin.change_reverted(text);
DROP FUNCTION zero_admin.change_deployed(text);
DROP TABLE zero_admin.schema_version;
REVOKE ALL ON SCHEMA zero_admin FROM zero_admin_application, zero_admin_runner, zero_admin_watcher, zero_admin_operator;

DO $$
BEGIN
    DROP SCHEMA zero_admin;
EXCEPTION
    WHEN dependent_objects_still_exist THEN
        RAISE NOTICE 'the schema zero_admin holds objects that are not ours and stays';
END
$$;

COMMIT;
