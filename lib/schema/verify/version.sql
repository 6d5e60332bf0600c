-- Verify zero_admin:version on pg

SELECT change, version, applied_at FROM zero_admin.schema_version WHERE false;
SELECT zero_admin.require_schema(zero_admin.schema_changes());
