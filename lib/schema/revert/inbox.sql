-- Revert zero_admin:inbox from pg

BEGIN;

SELECT zero_admin.change_reverted('inbox');
DROP TABLE zero_admin.chunks, zero_admin.parsed_items, zero_admin.inbox_items;
DROP DOMAIN zero_admin.source_label, zero_admin.filename_label, zero_admin.mime_label, zero_admin.doc_type_label, zero_admin.content_hash;

COMMIT;
