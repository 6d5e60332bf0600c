-- Verify zero_admin:adopt_rows on pg

SELECT source, source_id, note FROM zero_admin.adoption_notes WHERE false;
