-- The probe was given back unsent: another publisher may probe at once.
-- $1::bigint  endpoint
UPDATE zero_admin.delivery_breakers b SET probe_at = now() WHERE b.endpoint = $1 AND b.state = 'open'
