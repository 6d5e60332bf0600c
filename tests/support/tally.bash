# Counting what became of events, for every suite that breaks things. Sourced.
#
#   tally ENQUEUED RECEIVED      RECEIVED: a file with the id of every request that was answered with success, one a line. Needs
#                                sql(). Sets and prints, as "enqueued=… delivered=… duplicates=… lost=… dead=… waiting=… stuck=…":
#     delivered    events that the receiver has taken
#     duplicates   requests that it took besides
#     lost         events that are not in the tables any more, or said to be sent, and that it never got
#     dead         dead letters
#     waiting      events that are free, for whoever comes
#     stuck        events that are neither sent, nor dead, nor free
#
#   tally_documents              the same of documents: enqueued, with a result, with more than one, with none and nothing that would
#                                lead to one, dead, free, and neither
#
# shellcheck disable=SC2034 # the caller uses what is set here

tally() {
  local ids requests
  enqueued=$1
  ids=$(mktemp -d)
  sort -u "$2" >"$ids/received"
  requests=$(wc -l <"$2")
  sql "SELECT id FROM zero_admin.event_outbox WHERE status = 'sent' AND event_type <> 'InboxItemValidated'" | sort -u >"$ids/sent"
  delivered=$(wc -l <"$ids/received")
  duplicates=$((requests - delivered))
  dead=$(sql "SELECT count(*) FROM zero_admin.dead_letters")
  waiting=$(sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE lease_until IS NULL")
  stuck=$(sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE lease_until IS NOT NULL")
  lost=$(($(comm -23 "$ids/sent" "$ids/received" | wc -l) + enqueued - $(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE event_type <> 'InboxItemValidated'")))
  rm -r "$ids"
  _tallied
}

tally_documents() {
  local of="event_type = 'InboxItemValidated'" results
  enqueued=$(sql "SELECT count(*) FROM zero_admin.inbox_items")
  results="FROM zero_admin.outbox_events WHERE event_type IN ('InboxItemParsed', 'InboxItemParseFailed')"
  delivered=$(sql "SELECT count(DISTINCT payload->>'inbox_item_id') $results")
  duplicates=$(sql "SELECT count(*) - count(DISTINCT payload->>'inbox_item_id') $results")
  dead=$(sql "SELECT count(*) FROM zero_admin.dead_letters WHERE $of")
  waiting=$(sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE $of AND lease_until IS NULL")
  stuck=$(sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE $of AND lease_until IS NOT NULL")
  lost=$((enqueued - delivered - waiting - stuck))
  _tallied
}

_tallied() {
  tallied="enqueued=$enqueued delivered=$delivered duplicates=$duplicates lost=$lost dead=$dead waiting=$waiting stuck=$stuck"
  printf '%s\n' "$tallied"
}
