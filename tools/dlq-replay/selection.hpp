// The dead letters that a call means, page by page.
#pragma once

#include <functional>
#include <memory>

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"

// Opens the database and checks its schema.
std::unique_ptr<pg::Connection> open_database(const Config& config, app::Context& context);

// What stands in a row of select.sql, replay.sql and discard.sql.
Item read_item(const pg::Result& result, int row);

// Whether the action would do something to a letter that select.sql found so: only open ones are replayed, all that are not resolved discarded.
bool doable(Action action, std::string_view found);

// Visits the letters oldest first, however many there are, with one page in memory, until `visit` returns false, and counts them in
// `summary`. The outcome of an item is what a replay would find.
void each_selected(const Config& config, pg::Connection& db, Summary& summary, const std::function<bool(Item)>& visit);

// Adds an outcome to its count in the summary.
void count(Summary& summary, std::string_view outcome);
