# Counting what became of events, for every suite that breaks things. Sourced.
#
#   tally ENQUEUED RECEIVED      RECEIVED: a file with the id of every request that was answered with success, one a line. Needs
#                                sql(). Sets and prints, as "enqueued=… delivered=… duplicates=… lost=… dead=… stuck=…":
#     delivered    events that the receiver has taken
#     duplicates   requests that it took besides
#     lost         events that are not in the tables any more, or said to be sent, and that it never got
#     dead         dead letters
#     stuck        events that are neither sent nor dead
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
  stuck=$(sql "SELECT count(*) FROM zero_admin.outbox_queue")
  lost=$(($(comm -23 "$ids/sent" "$ids/received" | wc -l) + enqueued - $(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE event_type <> 'InboxItemValidated'")))
  rm -r "$ids"
  tallied="enqueued=$enqueued delivered=$delivered duplicates=$duplicates lost=$lost dead=$dead stuck=$stuck"
  printf '%s\n' "$tallied"
}
