-- Revert zero_admin:adopt_rows from pg
-- The copies go with the tables that they are in; the rows that they were made of have not changed.

BEGIN;

SELECT zero_admin.change_reverted('adopt_rows');
DROP TABLE zero_admin.adoption_notes;

COMMIT;
