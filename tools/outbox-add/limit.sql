-- The largest payload that enqueue_events() takes in this transaction.
-- $1::text  bytes
SELECT set_config('zero_admin.outbox_max_payload_bytes', $1, true)
