-- Verify zero_admin:version on pg

SELECT change, version, applied_at FROM zero_admin.schema_version WHERE false;
SELECT 1 / (h.changes = array_to_string(zero_admin.schema_changes(), ','))::int FROM zero_admin.schema_head h;
SELECT zero_admin.require_schema(zero_admin.schema_changes());
