-- Revert zero_admin:adopt from pg
-- The tables of the original application go back to where they were, with the rows that they had.

BEGIN;

SELECT zero_admin.change_reverted('adopt');

SET LOCAL lock_timeout = '15s';

DO $$
DECLARE
    moved record;
BEGIN
    FOR moved IN
        SELECT n.nspname AS aside, c.relname AS name, CASE n.nspname WHEN 'zero_admin_original' THEN 'zero_admin' ELSE 'public' END AS home
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('zero_admin_original', 'zero_admin_original_public') AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA %I', moved.aside, moved.name, moved.home);
    END LOOP;
    IF to_regnamespace('zero_admin_original') IS NOT NULL THEN
        DROP SCHEMA zero_admin_original;
    END IF;
    IF to_regnamespace('zero_admin_original_public') IS NOT NULL THEN
        DROP SCHEMA zero_admin_original_public;
    END IF;
END
$$;

COMMIT;
