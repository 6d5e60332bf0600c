-- Fails unless the schema is the one this program was built for; says at_head or ahead.
-- At head it asks no function in PL/pgSQL: loading that took two of the milliseconds of a tick that finds nothing.
-- $1::text[]  changes of the schema, in order
SELECT CASE WHEN ARRAY(SELECT v.change FROM zero_admin.schema_version v ORDER BY v.version) = $1::text[] THEN 'at_head'
            ELSE zero_admin.require_schema($1::text[]) END
