-- Revert zero_admin:adopt_rows from pg
-- The copies go with the tables that they are in; the rows that they were made of have not changed.

BEGIN;

SELECT zero_admin.change_reverted('adopt_rows');
REVOKE INSERT, SELECT (id) ON zero_admin.event_outbox FROM zero_admin_application;
DROP TABLE zero_admin.adoption_notes;

COMMIT;
