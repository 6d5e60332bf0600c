// How results are said: as lines, or for people.
#pragma once

#include <string>

#include "app/stop.hpp"
#include "config.hpp"
#include "emit/output.hpp"
#include "events.hpp"

// Each returns whether it could be written.
bool tell(const Item& item, emit::Output& output);
bool tell(const DeadLetter& letter, emit::Output& output);

// Fills in why the run ended, and tells people what to do next.
void tell_end(const Config& config, Summary& summary, const app::Stop& stop, emit::Output& output);

// Two lines of at most 80 columns, but for long types and reasons: what became of it, and its ids.
std::string text_of(const Item& item);
// What to do after a run; empty when that is nothing.
std::string next_step(const Config& config, const Summary& summary);
