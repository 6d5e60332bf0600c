-- For this transaction: a queue that was long keeps its empty pages for a while, and only an index knows which these are.
SELECT set_config('enable_seqscan', 'off', true)
