-- Revert zero_admin:roles from pg
-- A role that another database or a login role still uses stays: it is not ours alone.

BEGIN;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['zero_admin_application', 'zero_admin_runner', 'zero_admin_watcher', 'zero_admin_operator'] LOOP
        BEGIN
            EXECUTE format('DROP ROLE IF EXISTS %I', name);
        EXCEPTION
            WHEN dependent_objects_still_exist OR insufficient_privilege THEN
                RAISE NOTICE 'role % is still in use and stays', name;
        END;
    END LOOP;
END
$$;

COMMIT;
