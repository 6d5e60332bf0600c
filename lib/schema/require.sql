-- Fails unless the schema is the one this program was built for; says at_head or ahead.
-- At head it asks no function in PL/pgSQL, for loading that took two of the milliseconds of a tick that finds nothing.
-- $1::text  changes of the schema, in order, separated by commas
SELECT CASE WHEN h.changes = $1 THEN 'at_head' ELSE zero_admin.require_schema(string_to_array($1, ',')) END FROM zero_admin.schema_head h
