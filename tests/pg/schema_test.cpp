#include <gtest/gtest.h>

#include "pg/cluster.hpp"
#include "pg/connection.hpp"
#include "schema/check.hpp"

using cluster::Session;

namespace {

class Schema : public cluster::SchemaTest {
 protected:
  // Calls enqueue_event with one argument replaced by `value`.
  cluster::Answer enqueue_with(std::string_view argument, const std::optional<std::string>& value) const {
    const auto of = [&](std::string_view name, const char* otherwise) -> std::optional<std::string> {
      return name == argument ? value : std::optional<std::string>(otherwise);
    };
    pg::Params params;
    params.add(tenant_a)
        .add_optional(of("type", "Order"))
        .add_optional(of("payload", "{}"))
        .add_optional(of("key", "key"))
        .add_optional(of("version", "1.0"))
        .add_optional(of("trace", "trace"));
    return db_->attempt("SELECT zero_admin.enqueue_event($1::uuid, $2, $3::text, $4, $5, $6)", params);
  }
  cluster::Answer enqueue_many(const std::vector<std::string>& keys) const {
    pg::Params params;
    const auto same = [&](std::string_view value) { return std::vector<std::string>(keys.size(), std::string(value)); };
    std::vector<std::optional<std::string>> optional_keys;
    std::vector<std::string> payloads;
    for (const auto& key : keys) {
      optional_keys.push_back(key.empty() ? std::nullopt : std::optional(key));
      payloads.push_back(std::to_string(payloads.size() + 1));
    }
    params.add_array(same(tenant_a))
        .add_array(same("Order"))
        .add_array(payloads)
        .add_array(optional_keys)
        .add_array(same("1.0"))
        .add_array(std::vector<std::optional<std::string>>(keys.size()));
    return db_->run(
        "SELECT ord, event_id, duplicate FROM zero_admin.enqueue_events($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) ORDER BY ord",
        params);
  }
  std::string stored_payload(const std::string& id) const {
    return db_->run("SELECT payload_json FROM zero_admin.event_outbox WHERE id = $1::uuid", pg::Params().add(id)).text();
  }
};

const std::vector<std::string> tables = {"outbox_events",     "outbox_queue",   "outbox_done",  "dead_letters", "processed_events",
                                         "inbox_items",       "parsed_items",   "chunks",       "ops_audit",    "runner_heartbeats",
                                         "delivery_breakers", "schema_version", "replay_state", "ops_history"};

}  // namespace

TEST_F(Schema, APayloadIsKeptToTheByte) {
  for (const auto payload :
       {"{}", " { \"b\" : 1.0,  \"a\":1e2 }\n", R"({"a":1,"a":2})", "[1,\t2]", "\"text \\u00e4 ä 😀 \\u0000\"", "12345678901234567890.10", "null", "true"}) {
    EXPECT_EQ(stored_payload(enqueue("Order", payload)), payload);
  }
}

TEST_F(Schema, APayloadOfTypeJsonIsKeptToTheByteAndJsonbIsTaken) {
  const auto id = db_->text(R"(SELECT zero_admin.enqueue_event('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'Order', '{ "b": 1.0, "a" :2}'::json))");
  EXPECT_EQ(stored_payload(id), R"({ "b": 1.0, "a" :2})");
  const auto other = db_->text(R"(SELECT zero_admin.enqueue_event('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'Order', jsonb_build_object('a', 1)))");
  EXPECT_EQ(stored_payload(other), R"({"a": 1})");
  EXPECT_TRUE(db_->attempt(R"(SELECT zero_admin.enqueue_event('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'Order', '{"untyped":"literal"}'))").ok());
}

TEST_F(Schema, WhatIsNotJsonIsRefused) {
  for (const auto payload : {"", "{", "{'a':1}", "nonsense", "1 2"}) EXPECT_EQ(enqueue_with("payload", payload).sqlstate, "22P02") << payload;
}

TEST_F(Schema, ANewEventIsPendingDueAndComplete) {
  const auto id = db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::text, 'k', '2.1', 't')", pg::Params().add(tenant_a)).text();
  const auto row = db_->run(
      "SELECT tenant_id, event_type, schema_version, idempotency_key, trace_id, status, attempt_count, replay_count, next_attempt_at <= clock_timestamp(), "
      "lease_token, last_error, sent_at,"
      " id = $1::uuid FROM zero_admin.event_outbox",
      pg::Params().add(id));
  ASSERT_EQ(row.rows.size(), 1U);
  EXPECT_EQ(row.rows[0], (std::vector<cluster::Cell>{std::string(tenant_a), "Order", "2.1", "k", "t", "pending", "0", "0", "t", std::nullopt, std::nullopt,
                                                     std::nullopt, "t"}));
}

TEST_F(Schema, IdsGrowWithTime) {
  const auto first = enqueue();
  db_->run("SELECT pg_sleep(0.002)");
  EXPECT_LT(first, enqueue());
}

TEST_F(Schema, ADuplicateReturnsTheFirstIdAndChangesNothing) {
  const auto first = enqueue_with("payload", "1").text();
  EXPECT_EQ(enqueue_with("payload", "2").text(), first);
  EXPECT_EQ(stored_payload(first), "1");
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.event_outbox"), 1);
  EXPECT_NE(enqueue_with("type", "Other").text(), first) << "another type is another event";
  EXPECT_NE(enqueue_with("key", "other").text(), first);
  EXPECT_NE(enqueue_with("key", std::nullopt).text(), enqueue_with("key", std::nullopt).text()) << "no key, no deduplication";
}

TEST_F(Schema, ADuplicateOfASentEventIsStillOne) {
  const auto first = enqueue_with("payload", "1").text();
  db_->run("DELETE FROM zero_admin.outbox_queue");
  db_->run("INSERT INTO zero_admin.outbox_done (id, status, attempt_count, replay_count) VALUES ($1::uuid, 'sent', 1, 0)", pg::Params().add(first));
  EXPECT_EQ(enqueue_with("payload", "2").text(), first);
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue"), 0) << "it must not go out again";
}

TEST_F(Schema, DuplicatesWithinOneCallAreOneEvent) {
  const auto many = enqueue_many({"a", "b", "a", "", "", "b"});
  ASSERT_EQ(many.rows.size(), 6U);
  EXPECT_EQ(many.column(0), (std::vector<std::string>{"1", "2", "3", "4", "5", "6"}));
  EXPECT_EQ(many.column(2), (std::vector<std::string>{"f", "f", "t", "f", "f", "t"}));
  EXPECT_EQ(many.text(2, 1), many.text(0, 1));
  EXPECT_EQ(many.text(5, 1), many.text(1, 1));
  EXPECT_NE(many.text(3, 1), many.text(4, 1));
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue"), 4);
  EXPECT_EQ(stored_payload(many.text(0, 1)), "1") << "the first wins";
  const auto again = enqueue_many({"new", "a"});
  EXPECT_EQ(again.column(2), (std::vector<std::string>{"f", "t"}));
  EXPECT_EQ(again.text(1, 1), many.text(0, 1));
}

TEST_F(Schema, NoEventsAtAllIsASuccess) { EXPECT_TRUE(enqueue_many({}).rows.empty()); }

TEST_F(Schema, APayloadThatIsTooLargeIsRefused) {
  const std::string largest = "\"" + std::string(1048574, 'x') + "\"";
  EXPECT_TRUE(enqueue_with("payload", largest).ok());
  EXPECT_EQ(enqueue_with("payload", largest + " ").sqlstate, "54000");
  db_->run("BEGIN");
  db_->run("SET LOCAL zero_admin.outbox_max_payload_bytes = '10'");
  EXPECT_EQ(enqueue_with("payload", "\"12345678 9\"").sqlstate, "54000");
  db_->run("ROLLBACK");
  EXPECT_EQ(enqueue_with("payload", "\"ä" + std::string(1048573, 'x') + "\"").sqlstate, "54000") << "bytes count, not characters";
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.event_outbox"), 1);
}

TEST_F(Schema, ControlCharactersAndOverlongTextsAreRefused) {
  struct Column {
    std::string_view argument;
    std::string_view constraint;
    std::size_t longest;
  };
  for (const auto& [argument, constraint, longest] : {Column{"type", "event_type_label_check", 128}, Column{"key", "idempotency_key_label_check", 128},
                                                      Column{"version", "schema_version_label_check", 16}, Column{"trace", "trace_id_label_check", 64}}) {
    std::vector<std::string> bad{"", std::string(longest + 1, 'x')};
    for (char c = 1; c < 0x20; ++c) bad.push_back(std::string("a") + c);
    bad.emplace_back("\x7f");
    bad.emplace_back("\nb");
    for (const auto& value : bad) {
      const auto answer = enqueue_with(argument, value);
      EXPECT_EQ(answer.sqlstate, "23514") << argument << " of " << value.size();
      EXPECT_EQ(answer.constraint, constraint);
      EXPECT_EQ(answer.detail, "") << "the rest of the event is nobody's business";
    }
    std::string umlauts;
    for (std::size_t i = 0; i < longest; ++i) umlauts += "ä";
    EXPECT_TRUE(enqueue_with(argument, umlauts).ok()) << argument << " counts characters";
  }
}

TEST_F(Schema, OneBadEventOfManyStoresNone) {
  pg::Params params;
  const std::vector<std::string> tenants(2, std::string(tenant_a));
  params.add_array(tenants)
      .add_array(std::vector<std::string>{"Order", "bad\n"})
      .add_array(std::vector<std::string>{"1", "2"})
      .add_array(std::vector<std::optional<std::string>>(2));
  params.add_array(std::vector<std::optional<std::string>>(2)).add_array(std::vector<std::optional<std::string>>(2));
  EXPECT_EQ(db_->attempt("SELECT * FROM zero_admin.enqueue_events($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])", params).sqlstate,
            "23514");
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_events"), 0);
}

TEST_F(Schema, AnEventAppearsOnlyWithTheProducersCommit) {
  const Session producer;
  producer.run("BEGIN");
  producer.run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::text)", pg::Params().add(tenant_a));
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.event_outbox"), 0);
  producer.run("COMMIT");
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.event_outbox"), 1);
}

TEST_F(Schema, TheApplicationRoleCanEnqueueAndTouchesNoTable) {
  db_->run("SET ROLE zero_admin_application");
  EXPECT_TRUE(db_->attempt("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::text, 'k')", pg::Params().add(tenant_a)).ok());
  EXPECT_TRUE(db_->attempt("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::json)", pg::Params().add(tenant_a)).ok());
  for (const std::string table : {"outbox_events", "outbox_queue", "outbox_done", "dead_letters", "processed_events", "ops_audit", "runner_heartbeats",
                                  "delivery_breakers", "event_outbox"}) {
    EXPECT_EQ(db_->attempt("SELECT FROM zero_admin." + table).sqlstate, "42501") << table;
  }
  for (const auto& table : tables) {
    EXPECT_EQ(db_->attempt("DELETE FROM zero_admin." + table).sqlstate, "42501") << table;
    EXPECT_EQ(db_->attempt("TRUNCATE zero_admin." + table).sqlstate, "42501") << table;
  }
  EXPECT_EQ(db_->attempt("INSERT INTO zero_admin.outbox_events (id) VALUES (NULL)").sqlstate, "42501");
  EXPECT_EQ(db_->attempt("UPDATE zero_admin.outbox_queue SET due_at = now()").sqlstate, "42501");
  EXPECT_EQ(db_->attempt("CREATE TABLE zero_admin.mine (a int)").sqlstate, "42501");
  EXPECT_EQ(db_->attempt("SELECT zero_admin.change_deployed('mine')").sqlstate, "42501");
}

TEST_F(Schema, AStrangerCanDoNothing) {
  db_->run("CREATE ROLE stranger");
  db_->run("SET ROLE stranger");
  EXPECT_EQ(db_->attempt("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::text)", pg::Params().add(tenant_a)).sqlstate, "42501");
  EXPECT_EQ(db_->attempt("SELECT FROM zero_admin.event_outbox").sqlstate, "42501");
  db_->run("RESET ROLE");
  db_->run("DROP ROLE stranger");
}

TEST_F(Schema, TheWatcherOnlyReads) {
  db_->run("SET ROLE zero_admin_watcher");
  for (const std::string table : {"event_outbox", "dead_letters", "runner_heartbeats", "delivery_breakers", "inbox_items", "schema_version"}) {
    EXPECT_TRUE(db_->attempt("SELECT FROM zero_admin." + table).ok()) << table;
  }
  for (const auto& table : tables) EXPECT_EQ(db_->attempt("DELETE FROM zero_admin." + table).sqlstate, "42501") << table;
  EXPECT_EQ(db_->attempt("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::text)", pg::Params().add(tenant_a)).sqlstate, "42501");
}

TEST_F(Schema, TheRunnerCannotRemoveEventsOrDeadLetters) {
  db_->run("SET ROLE zero_admin_runner");
  for (const std::string table : {"outbox_events", "outbox_done", "dead_letters", "ops_audit", "schema_version"})
    EXPECT_EQ(db_->attempt("DELETE FROM zero_admin." + table).sqlstate, "42501") << table;
  EXPECT_EQ(db_->attempt("UPDATE zero_admin.outbox_events SET payload = '1'").sqlstate, "42501");
  EXPECT_EQ(db_->attempt("UPDATE zero_admin.dead_letters SET reason = 'x'").sqlstate, "42501");
}

TEST_F(Schema, ASearchPathOfTheCallerDoesNotReachTheDefinersFunctions) {
  // A schema of the caller that shadows what the function uses must not be looked into.
  db_->run("CREATE SCHEMA trap");
  db_->run("CREATE FUNCTION trap.octet_length(text) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$");
  db_->run("CREATE FUNCTION trap.cardinality(anyarray) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$");
  db_->run("SET search_path = trap, pg_catalog");
  EXPECT_TRUE(db_->attempt("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::text)", pg::Params().add(tenant_a)).ok());
  db_->run("RESET search_path");
  db_->run("DROP SCHEMA trap CASCADE");
  EXPECT_EQ(db_->number("SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'zero_admin' AND p.prosecdef"
                        " AND NOT coalesce(p.proconfig, '{}')::text LIKE '%search_path=pg_catalog, pg_temp%'"),
            0)
      << "every SECURITY DEFINER function pins its search_path";
}

TEST_F(Schema, RequireTellsBehindAheadAndDiverged) {
  const auto ask = [&](const std::string& expected) { return db_->attempt("SELECT zero_admin.require_schema(" + expected + ")"); };
  const auto found = db_->text("SELECT zero_admin.schema_changes()");
  EXPECT_EQ(ask("zero_admin.schema_changes()").text(), "at_head");
  EXPECT_EQ(ask("zero_admin.schema_changes() || 'newer'::text").sqlstate, "ZA001");
  EXPECT_EQ(ask("(zero_admin.schema_changes())[:2]").text(), "ahead");
  EXPECT_EQ(ask("array_replace(zero_admin.schema_changes(), 'outbox', 'other')").sqlstate, "ZA002");
  EXPECT_EQ(ask("'{}'::text[]").text(), "ahead");
  std::string built = "{";
  for (const auto change : schema::changes) built += (built.size() > 1 ? "," : "") + std::string(change);
  EXPECT_EQ(found, built + "}") << "what the tools expect is what the plan deploys";
}

TEST(SchemaChanges, DeployRevertDeployLeavesTheSameSchema) {
  cluster::create_database("again");
  const auto empty = cluster::dump_schema("again");
  cluster::deploy("again");
  const auto first = cluster::dump_schema("again");
  EXPECT_NE(first, empty);
  cluster::revert("again");
  EXPECT_EQ(cluster::dump_schema("again"), empty) << "a revert leaves nothing";
  cluster::deploy("again");
  EXPECT_EQ(cluster::dump_schema("again"), first);
  const Session session("again");
  EXPECT_EQ(session.text("SELECT zero_admin.require_schema(zero_admin.schema_changes())"), "at_head");
}

TEST(SchemaChanges, EachRevertUndoesItsDeployAlone) {
  cluster::create_database("stepwise");
  std::vector<std::string> dumps{cluster::dump_schema("stepwise")};
  for (const auto& change : cluster::plan()) {
    cluster::run_schema_file("stepwise", "deploy/" + change + ".sql");
    cluster::run_schema_file("stepwise", "verify/" + change + ".sql");
    dumps.push_back(cluster::dump_schema("stepwise"));
  }
  auto changes = cluster::plan();
  for (; !changes.empty(); changes.pop_back()) {
    dumps.pop_back();
    cluster::run_schema_file("stepwise", "revert/" + changes.back() + ".sql");
    EXPECT_EQ(cluster::dump_schema("stepwise"), dumps.back()) << changes.back();
    if (changes.back() != "roles") {
      EXPECT_ANY_THROW(cluster::run_schema_file("stepwise", "verify/" + changes.back() + ".sql"))
          << "verify does not notice that " << changes.back() << " is missing";
    }
  }
}

TEST(SchemaChanges, TablesOfTheApplicationInTheSameSchemaSurviveARevert) {
  cluster::create_database("shared");
  const Session session("shared");
  session.run("CREATE SCHEMA zero_admin");
  session.run("CREATE TABLE zero_admin.of_the_application (a int)");
  session.run("INSERT INTO zero_admin.of_the_application VALUES (1)");
  cluster::deploy("shared");
  cluster::revert("shared");
  EXPECT_EQ(session.number("SELECT count(*) FROM zero_admin.of_the_application"), 1);
}
