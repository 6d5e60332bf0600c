-- Fails unless the schema is the one this program was built for; says at_head or ahead.
-- $1::text[]  changes of the schema, in order
SELECT zero_admin.require_schema($1::text[])
