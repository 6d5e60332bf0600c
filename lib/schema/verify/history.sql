-- Verify zero_admin:history on pg

SELECT minute, sent_total, failures_total, parsed_total, lag_ms, due, dlq FROM zero_admin.ops_history WHERE false;
SELECT 1 / (to_regprocedure('zero_admin.note_history()') IS NOT NULL)::int;
