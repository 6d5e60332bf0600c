#include "words.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/text.hpp"

namespace {

constexpr Words english{
    .language = "en",
    .thousands = ',',
    .title = "Status of 0admin",
    .all_well = "All is well",
    .attention = "Attention",
    .unknown = "State unknown",
    .nothing_to_do = "Events are being delivered; there is nothing to do.",
    .no_database = "The database cannot be read.",
    .no_database_do = "health-probe db schema says why, each with a reason of its own.",
    .dead_letters = "Dead letters that nobody has resolved: {}.",
    .dead_letters_do = "Repair the cause, then: dlq-replay replay --all-tenants",
    .breaker = "{} does not accept events ({}). Delivery waits and goes on by itself.",
    .breaker_do = "health-probe webhook",
    .lag = "The oldest due event has been waiting for {}.",
    .lag_do = "Look at the services: systemctl status '0admin-*'",
    .stuck = "Events that a vanished runner holds and nobody takes over: {}.",
    .stuck_do = "Look whether a runner is active: heartbeat-watch --fleet",
    .nobody = "No publisher is running, and {} are due.",
    .nobody_do = "systemctl status '0admin-*'",
    .silent = "{} has given no sign of life for {}.",
    .silent_do = "heartbeat-watch --fleet",
    .now = "Now",
    .lag_label = "Lag",
    .due_label = "Due",
    .pending_label = "Waiting",
    .dlq_label = "Dead letters",
    .sent_label = "Delivered",
    .parsed_label = "Documents read",
    .last_hours = "The last 6 hours",
    .throughput = "Delivered",
    .failures = "Failed attempts",
    .per_five_minutes = "in 5 minutes",
    .highest = "highest {}",
    .hours_ago = "{} h ago",
    .no_history = "No runner has noted anything in these hours.",
    .runners = "Runners",
    .runner = "Runner",
    .host = "Host",
    .state = "State",
    .running = "running",
    .stopped = "stopped",
    .heartbeat = "Sign of life",
    .success = "Last success",
    .backlog = "Due",
    .done = "Done",
    .failed = "Failed",
    .no_runners = "No runner has been seen for a day.",
    .endpoints = "Endpoints",
    .endpoint = "Endpoint",
    .open = "paused",
    .closed = "accepting",
    .since = "Since",
    .reason = "Reason",
    .no_endpoints = "Nothing has been delivered over HTTPS yet.",
    .letters_by_reason = "Dead letters by reason",
    .type = "Type",
    .count = "Number",
    .oldest = "Oldest",
    .ago = "{} ago",
    .never = "never",
    .taken = "As of {} UTC · version {} · the page renews itself every 30 seconds",
};

constexpr Words german{
    .language = "de",
    .thousands = '.',
    .title = "Zustand von 0admin",
    .all_well = "Alles in Ordnung",
    .attention = "Achtung",
    .unknown = "Zustand unbekannt",
    .nothing_to_do = "Ereignisse werden zugestellt; es ist nichts zu tun.",
    .no_database = "Die Datenbank ist nicht lesbar.",
    .no_database_do = "Den Grund nennen: health-probe db und health-probe schema",
    .dead_letters = "Unzustellbare Ereignisse, um die sich noch niemand gekümmert hat: {}.",
    .dead_letters_do = "Ursache beheben, dann: dlq-replay replay --all-tenants",
    .breaker = "{} nimmt keine Ereignisse an ({}). Die Zustellung wartet und geht von selbst weiter.",
    .breaker_do = "health-probe webhook",
    .lag = "Das älteste fällige Ereignis wartet seit {}.",
    .lag_do = "Die Dienste ansehen: systemctl status '0admin-*'",
    .stuck = "Ereignisse, die ein verschwundener Dienst hält und niemand übernimmt: {}.",
    .stuck_do = "Nachsehen, ob ein Dienst läuft: heartbeat-watch --fleet",
    .nobody = "Kein Zusteller läuft, und {} Ereignisse sind fällig.",
    .nobody_do = "systemctl status '0admin-*'",
    .silent = "{} hat seit {} kein Lebenszeichen gegeben.",
    .silent_do = "heartbeat-watch --fleet",
    .now = "Jetzt",
    .lag_label = "Verzug",
    .due_label = "Fällig",
    .pending_label = "Wartend",
    .dlq_label = "Unzustellbar",
    .sent_label = "Zugestellt",
    .parsed_label = "Gelesene Belege",
    .last_hours = "Die letzten 6 Stunden",
    .throughput = "Zugestellt",
    .failures = "Fehlversuche",
    .per_five_minutes = "in 5 Minuten",
    .highest = "höchstens {}",
    .hours_ago = "vor {} h",
    .no_history = "In diesen Stunden hat kein Dienst etwas aufgezeichnet.",
    .runners = "Dienste",
    .runner = "Dienst",
    .host = "Rechner",
    .state = "Zustand",
    .running = "läuft",
    .stopped = "beendet",
    .heartbeat = "Lebenszeichen",
    .success = "Letzter Erfolg",
    .backlog = "Fällig",
    .done = "Erledigt",
    .failed = "Fehler",
    .no_runners = "Seit einem Tag wurde kein Dienst gesehen.",
    .endpoints = "Empfänger",
    .endpoint = "Empfänger",
    .open = "pausiert",
    .closed = "nimmt an",
    .since = "Seit",
    .reason = "Grund",
    .no_endpoints = "Über HTTPS wurde noch nichts zugestellt.",
    .letters_by_reason = "Unzustellbare nach Grund",
    .type = "Typ",
    .count = "Anzahl",
    .oldest = "Älteste",
    .ago = "vor {}",
    .never = "nie",
    .taken = "Stand {} UTC · Version {} · die Seite erneuert sich alle 30 Sekunden",
};

constexpr std::array languages{&english, &german};

// "de-AT;q=0.8": the language without its region, and its weight.
std::pair<std::string, double> read_range(std::string_view range) {
  const auto semicolon = range.find(';');
  const auto tag = base::lower(base::trim(range.substr(0, semicolon)));
  double weight = 1;
  if (semicolon != std::string_view::npos) {
    const auto parameter = base::trim(range.substr(semicolon + 1));
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return {tag, 0};
    if (std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), weight).ec != std::errc()) weight = 0;
  }
  return {tag.substr(0, tag.find('-')), weight};
}

}  // namespace

const Words& words_for(std::string_view accept_language) {
  const Words* best = &english;
  double best_weight = 0;
  for (const auto range : base::split(accept_language, ',')) {
    const auto [tag, weight] = read_range(range);
    for (const auto* words : languages) {
      if (words->language != tag || weight <= best_weight) continue;
      best = words;
      best_weight = weight;
    }
  }
  return *best;
}

std::string number(std::int64_t value, const Words& words) {
  auto text = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) text.insert(static_cast<std::size_t>(at), 1, words.thousands);
  return text;
}

std::string duration(std::int64_t milliseconds, const Words& words) {
  if (milliseconds < 1000) return fmt::format("{} ms", milliseconds);
  const auto seconds = milliseconds / 1000;
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return seconds % 60 == 0 ? fmt::format("{} min", seconds / 60) : fmt::format("{} min {} s", seconds / 60, seconds % 60);
  if (seconds < 86400) return seconds / 60 % 60 == 0 ? fmt::format("{} h", seconds / 3600) : fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", number(seconds / 86400, words), seconds / 3600 % 24);
}
