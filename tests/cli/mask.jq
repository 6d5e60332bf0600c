# Replaces what differs from run to run, where it has the form that was promised; what has not stays as it is.
# Ids are numbered in the order in which they appear, so that equal ones stay equal. Use with jq -s.

def uuid: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

def numbered: [.. | strings | select(test("^\(uuid)$")) | select(test("^(1{8}|2{8}|3{8})-") | not)]
  | reduce .[] as $id ({}; if has($id) then . else .[$id] = "id-\(length + 1)" end);

def text($ids):
  if $ids[.] then $ids[.]
  else gsub("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"; "<time>")
    | gsub("(?<host>localhost|127\\.0\\.0\\.[0-9]+):\\d{4,5}"; "\(.host):<port>")
    | gsub("v1,[A-Za-z0-9+/]{43}="; "v1,<signature>")
    | gsub("0admin-ops/[0-9.]+ "; "0admin-ops/<version> ")
  end;

def masked($ids):
  if type == "object" then
    with_entries(.key as $key | .value |=
      if type == "number" and ($key | test("_ms$")) then "<ms>"
      elif type == "number" and ($key == "pid") then "<pid>"
      elif type == "number" and ($key == "boottime_ns") then "<ns>"
      elif type == "string" and $key == "webhook-timestamp" and test("^\\d{10}$") then "<seconds>"
      else masked($ids) end)
  elif type == "array" then map(masked($ids))
  elif type == "string" then text($ids)
  else . end;

numbered as $ids | .[] | masked($ids)
