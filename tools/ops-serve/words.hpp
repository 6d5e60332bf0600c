// The words of the status page, in each of its languages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct Words {
  std::string_view language;  // BCP 47
  char thousands;
  std::string_view title;
  std::string_view all_well;
  std::string_view attention;
  std::string_view unknown;
  std::string_view nothing_to_do;
  std::string_view no_database;
  std::string_view no_database_do;
  std::string_view dead_letters;  // {}: how many
  std::string_view dead_letters_do;
  std::string_view breaker;  // {}: host, {}: reason
  std::string_view breaker_do;
  std::string_view lag;  // {}: duration
  std::string_view lag_do;
  std::string_view stuck;  // {}: how many
  std::string_view stuck_do;
  std::string_view nobody_publishes;  // {}: duration
  std::string_view nobody_parses;     // {}: duration
  std::string_view nobody_do;
  std::string_view no_runners_do;
  std::string_view silent;  // {}: runner, {}: duration
  std::string_view silent_do;
  std::string_view fruitless;  // {}: runner, {}: duration
  std::string_view fruitless_do;
  std::string_view now;
  std::string_view lag_label;
  std::string_view due_label;
  std::string_view pending_label;
  std::string_view dlq_label;
  std::string_view sent_in_an_hour;
  std::string_view failed_in_an_hour;
  std::string_view parsed_label;
  std::string_view last_hours;
  std::string_view throughput;
  std::string_view failures;
  std::string_view highest;                  // {}: value
  std::string_view highest_in_five_minutes;  // {}: value
  std::string_view hours_ago;                // {}: hours
  std::string_view no_history;
  std::string_view runners;
  std::string_view runner;
  std::string_view host;
  std::string_view state;
  std::string_view running;
  std::string_view is_silent;
  std::string_view is_fruitless;
  std::string_view stopped;
  std::string_view heartbeat;
  std::string_view success;
  std::string_view backlog;
  std::string_view done;
  std::string_view failed;
  std::string_view no_runners;
  std::string_view endpoints;
  std::string_view endpoint;
  std::string_view open;
  std::string_view closed;
  std::string_view since;
  std::string_view reason;
  std::string_view no_endpoints;
  std::string_view letters_by_reason;
  std::string_view type;
  std::string_view count;
  std::string_view oldest;
  std::string_view others;
  std::string_view ago;  // {}: duration
  std::string_view never;
  std::string_view taken;  // {}: time, {}: version
};

// The first of the accepted languages that there is, by weight; else English. RFC 9110 §12.5.4.
const Words& words_for(std::string_view accept_language);

// Puts texts in the places of {}.
std::string fill(std::string_view words, std::string_view first, std::string_view second = {});
// "12,345".
std::string number(std::int64_t value, const Words& words);
// "3 min 20 s", the two largest units.
std::string duration(std::int64_t milliseconds, const Words& words);
