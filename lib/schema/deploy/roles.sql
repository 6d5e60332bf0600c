-- Deploy zero_admin:roles to pg
-- Group roles without login: the operator grants them to login roles of their own.
-- Roles belong to the cluster, not to the database, so they may exist already.

BEGIN;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['zero_admin_application', 'zero_admin_runner', 'zero_admin_watcher', 'zero_admin_operator'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the roles zero_admin_application, _runner, _watcher and _operator do not exist and this user may not create them'
            USING HINT = 'deploy as a role with CREATEROLE, or let an administrator create the four roles first';
END
$$;

COMMIT;
