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
    .nothing_to_do = "Nothing is stuck, and nobody is silent; there is nothing to do.",
    .no_database = "The database cannot be read.",
    .no_database_do = "Which part fails, and why:",
    .dead_letters = "Dead letters that nobody has resolved: {}.",
    .dead_letters_do = "Once the cause is repaired, begin with a dry run:",
    .breaker = "{} does not accept events ({}). Delivery waits and goes on by itself.",
    .breaker_do = "Whether it can be reached from here:",
    .lag = "The oldest due event has been waiting for {}.",
    .lag_do = "Look at the services on each host:",
    .stuck = "Events that a vanished runner holds and nobody takes over: {}.",
    .stuck_do = "Which runners are active:",
    .nobody_publishes = "No publisher is running, and an event has been due for {}.",
    .nobody_parses = "No worker is running, and a document has been waiting for {}.",
    .nobody_do = "Start it, or see why it does not run:",
    .no_runners_do = "Is it the right database? Then start one:",
    .silent = "{} has given no sign of life for {}.",
    .silent_do = "On that host:",
    .fruitless = "{} is running and has work due, but nothing has succeeded for {}.",
    .fruitless_do = "What it says, on that host:",
    .now = "Now",
    .lag_label = "Lag",
    .due_label = "Due",
    .pending_label = "Waiting",
    .dlq_label = "Dead letters",
    .sent_in_an_hour = "Delivered in 1 h",
    .failed_in_an_hour = "Failed in 1 h",
    .parsed_label = "Documents read",
    .last_hours = "The last 6 hours",
    .throughput = "Delivered",
    .failures = "Failed attempts",
    .highest = "highest {}",
    .highest_in_five_minutes = "highest {} in 5 min",
    .hours_ago = "{} h ago",
    .no_history = "No runner has noted anything in these hours.",
    .runners = "Runners",
    .runner = "Runner",
    .host = "Host",
    .state = "State",
    .running = "running",
    .is_silent = "silent",
    .is_fruitless = "no success",
    .stopped = "stopped",
    .heartbeat = "Sign of life",
    .success = "Last success",
    .backlog = "Due",
    .done = "Done",
    .failed = "Failed",
    .no_runners = "No runner has been seen for a week.",
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
    .others = "others",
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
    .nothing_to_do = "Nichts steckt fest, und niemand ist verstummt; es ist nichts zu tun.",
    .no_database = "Die Datenbank ist nicht lesbar.",
    .no_database_do = "Was davon fehlschlägt, und warum:",
    .dead_letters = "Unzustellbare Ereignisse, um die sich noch niemand gekümmert hat: {}.",
    .dead_letters_do = "Sobald die Ursache behoben ist, im Probelauf wieder einspielen:",
    .breaker = "{} nimmt keine Ereignisse an ({}). Die Zustellung wartet und geht von selbst weiter.",
    .breaker_do = "Ob er von hier erreichbar ist:",
    .lag = "Das älteste fällige Ereignis wartet seit {}.",
    .lag_do = "Die Dienste auf jedem Rechner ansehen:",
    .stuck = "Ereignisse, die ein verschwundener Dienst hält und niemand übernimmt: {}.",
    .stuck_do = "Welche Dienste laufen:",
    .nobody_publishes = "Kein Zusteller läuft, und ein Ereignis ist seit {} fällig.",
    .nobody_parses = "Kein Worker läuft, und ein Beleg wartet seit {}.",
    .nobody_do = "Starten, oder nachsehen, warum er nicht läuft:",
    .no_runners_do = "Ist es die richtige Datenbank? Dann einen starten:",
    .silent = "{} hat seit {} kein Lebenszeichen gegeben.",
    .silent_do = "Auf diesem Rechner:",
    .fruitless = "{} läuft und hat Fälliges, aber seit {} ist nichts gelungen.",
    .fruitless_do = "Was er dazu sagt, auf diesem Rechner:",
    .now = "Jetzt",
    .lag_label = "Verzug",
    .due_label = "Fällig",
    .pending_label = "Wartend",
    .dlq_label = "Unzustellbar",
    .sent_in_an_hour = "Zugestellt in 1 h",
    .failed_in_an_hour = "Fehlversuche in 1 h",
    .parsed_label = "Gelesene Belege",
    .last_hours = "Die letzten 6 Stunden",
    .throughput = "Zugestellt",
    .failures = "Fehlversuche",
    .highest = "höchstens {}",
    .highest_in_five_minutes = "höchstens {} in 5 min",
    .hours_ago = "vor {} h",
    .no_history = "In diesen Stunden hat kein Dienst etwas aufgezeichnet.",
    .runners = "Dienste",
    .runner = "Dienst",
    .host = "Rechner",
    .state = "Zustand",
    .running = "läuft",
    .is_silent = "verstummt",
    .is_fruitless = "erfolglos",
    .stopped = "beendet",
    .heartbeat = "Lebenszeichen",
    .success = "Letzter Erfolg",
    .backlog = "Fällig",
    .done = "Erledigt",
    .failed = "Fehler",
    .no_runners = "Seit einer Woche wurde kein Dienst gesehen.",
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
    .others = "weitere",
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

std::string fill(std::string_view words, std::string_view first, std::string_view second) { return fmt::format(fmt::runtime(words), first, second); }

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
  const auto days = number(seconds / 86400, words);
  return seconds / 3600 % 24 == 0 ? fmt::format("{} d", days) : fmt::format("{} d {} h", days, seconds / 3600 % 24);
}
