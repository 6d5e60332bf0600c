-- Revert zero_admin:inbox from pg

BEGIN;

SELECT zero_admin.change_reverted('inbox');
DROP TABLE zero_admin.chunks, zero_admin.parsed_items, zero_admin.inbox_items;

COMMIT;
