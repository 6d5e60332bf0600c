-- For this transaction: a queue that was long keeps its empty pages for a while, and only an index knows which these are.
-- Where two indexes are read in order, merging them is the cheapest, although a runner's transactions do without.
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_mergejoin', 'on', true)
