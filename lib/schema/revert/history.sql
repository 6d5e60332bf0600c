-- Revert zero_admin:history from pg

BEGIN;

SELECT zero_admin.change_reverted('history');
DROP FUNCTION zero_admin.note_history();
DROP TABLE zero_admin.ops_history;

COMMIT;
