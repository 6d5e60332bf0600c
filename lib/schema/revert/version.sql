-- Revert zero_admin:version from pg
-- The schema itself stays when the application keeps tables of its own in it.

BEGIN;

DROP FUNCTION zero_admin.require_schema(text[]);
DROP FUNCTION zero_admin.schema_changes();
DROP FUNCTION zero_admin.change_reverted(text);
DROP FUNCTION zero_admin.change_deployed(text);
DROP TABLE zero_admin.schema_version;
DROP FUNCTION zero_admin.keep_schema_head();
DROP TABLE zero_admin.schema_head;
REVOKE ALL ON SCHEMA zero_admin FROM zero_admin_application, zero_admin_runner, zero_admin_watcher, zero_admin_operator;

-- Asked, not tried: to try takes locks on everything in it, and would wait for whoever uses that.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'zero_admin'::regnamespace) THEN
        RAISE NOTICE 'the schema zero_admin holds objects that are not ours and stays';
    ELSE
        DROP SCHEMA zero_admin;
    END IF;
END
$$;

COMMIT;
