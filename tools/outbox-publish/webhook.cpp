#include "webhook.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "events.hpp"
#include "fault.hpp"
#include "http/signature.hpp"
#include "outbox/sql.hpp"

using outbox::Event;

namespace {

using namespace std::chrono_literals;

constexpr auto fault_pause = 30s;

http::Options client_options(const Config& config) {
  return {config.target,       app::user_agent("outbox-publish"), config.ca_file, base::Milliseconds(config.timeout_ms), static_cast<long>(config.concurrency),
          config.allow_private};
}

// The answers that speak about the endpoint and not about the event: see the table in outbox-publish(1).
bool is_endpoint_status(int status) {
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 408:
    case 425:
    case 429:
      return true;
    default:
      return status < 400 || status >= 500;
  }
}

std::string_view hint_for(std::string_view reason) {
  if (reason == "tls_untrusted") return "the certificate is not signed by a trusted authority: check WEBHOOK_CA_FILE and the receiver's chain";
  if (reason == "tls_expired") return "the receiver's certificate has expired: renew it there";
  if (reason == "tls_hostname") return "the receiver's certificate is for another host: check WEBHOOK_URL";
  if (reason.starts_with("http_3")) return "redirects are not followed: set WEBHOOK_URL to where it points";
  if (reason == "http_401" || reason == "http_403") return "the receiver does not accept us: check WEBHOOK_SECRET on both sides";
  if (reason == "http_404") return "the path is unknown to the receiver: check WEBHOOK_URL";
  if (reason == "dns") return "the host cannot be resolved: check WEBHOOK_URL and the resolver";
  return "check the receiver; nothing is lost, and delivery goes on by itself when it accepts again";
}

}  // namespace

Webhook::Webhook(Config& config, emit::Output& output) : Delivery(config, output), client_(client_options(config)) {}

std::size_t Webhook::room() {
  if (!fault_.empty()) return 1;  // start() gives it back
  const auto limit = static_cast<std::size_t>(config().concurrency);
  return limit - std::min(limit, flying_.size());
}

http::Headers Webhook::headers(const Event& event) const {
  const auto& c = const_cast<Webhook*>(this)->config();
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(base::wall_now().time_since_epoch()).count();
  http::Headers headers;
  headers.add("Content-Type", "application/json", true);
  headers.add("webhook-id", event.id);
  headers.add("webhook-timestamp", std::to_string(now));
  headers.add("ce-specversion", "1.0", true);
  headers.add("ce-id", event.id);
  headers.add("ce-type", http::percent_encode(event.event_type), true);
  headers.add("ce-source", c.ce_source, true);
  headers.add("ce-time", base::iso8601(event.created_at));
  headers.add("ce-tenantid", event.tenant_id, true);
  headers.add("ce-schemaversion", http::percent_encode(event.schema_version), true);
  std::string signatures;
  for (const auto& key : c.signing_keys) {
    if (!signatures.empty()) signatures += ' ';
    signatures += http::sign(key, event.id, now, event.payload);
  }
  if (!signatures.empty()) headers.add("webhook-signature", signatures);
  if (event.trace_id) headers.add("X-Trace-ID", http::percent_encode(*event.trace_id));
  for (const auto& header : c.headers) headers.add(header.name, header.value, header.repeats);
  return headers;
}

void Webhook::send(outbox::EventPtr event) {
  if (!fault_.empty() || (open_ && !event->alone)) {
    engine().release(std::move(event));
    return;
  }
  const auto began = base::Boottime::now();
  const auto tag = next_tag_++;
  auto sent_with = headers(*event);  // signs the payload, so before that moves on
  client_.send({tag, std::move(event->payload), std::move(sent_with)});
  flying_.push_back({tag, std::move(event), began});
}

void Webhook::wait(std::vector<pollfd>& others, base::Milliseconds timeout) {
  client_.wait(others, timeout);
  for (auto& answer : client_.take()) answered(std::move(answer));
}

void Webhook::answered(http::Answer answer) {
  const auto at = std::ranges::find(flying_, answer.tag, &Flight::tag);
  if (at == flying_.end()) return;  // abandoned
  Finished finished;
  finished.event = std::move(at->event);
  finished.began = at->began;
  *at = std::move(flying_.back());
  flying_.pop_back();
  finished.took = answer.took;
  finished.retry_after = answer.retry_after;
  if (answer.failure == http::Failure::own) {
    set_fault(answer.reason);
    engine().release(std::move(finished.event));
    return;
  }
  if (answer.failure == http::Failure::none) {
    said_fault_ = false;
    const auto code = static_cast<std::size_t>(answer.status);
    const bool known = code < config().success_codes.size();
    finished.http_status = answer.status;
    if (!known || !config().success_codes.test(code)) {
      const bool final = known && config().permanent_codes.test(code);
      finished.fate = final ? Fate::dead : Fate::failed;
      finished.endpoint_fault = !final && is_endpoint_status(answer.status);
      finished.reason = fmt::format("http_{}", answer.status);
    }
  } else {
    finished.fate = Fate::failed;
    finished.endpoint_fault = true;
    finished.reason = std::move(answer.reason);
  }
  finish(std::move(finished));
}

void Webhook::sent(const Finished& finished) {
  const auto& event = *finished.event;
  output().event(Published{event.id, event.tenant_id, event.event_type, event.schema_version, event.trace_id, event.attempt_count + 1, transport(), "sent",
                           finished.http_status, finished.took->count(), event.lag_ms()});
}

void Webhook::add_more(outbox::Round& round, bool delivered, const std::vector<const Finished*>& failing) {
  const auto& c = config();
  if (delivered) {
    round.add(outbox::sql::breaker_closed, pg::Params().add(c.target.endpoint), [this](const pg::Result& result) {
      said_trouble_ = false;
      if (open_ || (result.rows() > 0 && result.boolean(0, 0))) {
        set_open(false, "", std::nullopt);
        engine().hold_claims(0ms);
      }
    });
  }
  if (failing.empty()) return;
  std::vector<std::string> ids;
  base::Milliseconds asked{0};
  bool probe = false;
  for (const auto* finished : failing) {
    ids.emplace_back(finished->event->id);
    asked = std::max(asked, finished->retry_after);
    probe = probe || (open_ && finished->event->alone);
  }
  const auto reason = failing.back()->reason;
  pg::Params params;
  params.add(c.target.endpoint)
      .add(c.target.label)
      .add_array(ids)
      .add(c.breaker_failures)
      .add(c.breaker_probe_ms)
      .add(reason)
      .add(probe ? "true" : "false")
      .add(asked.count());
  outbox::Scope scope;
  if (!c.types.empty()) scope.types = c.types;
  scope.exclude = c.exclude_types;
  scope.add_types(params);
  round.add(outbox::sql::breaker_failed, std::move(params), [this, reason, delivered](const pg::Result& result) {
    if (!said_trouble_) {
      said_trouble_ = true;
      output().log(emit::Level::warning, "the webhook does not accept events", fmt::format("{}: {}", config().target.label, reason), hint_for(reason));
    }
    const bool open = result.boolean(0, 0);
    set_open(open, reason, result.is_null(0, 2) ? std::nullopt : std::optional<std::string>(result.text(0, 2)));
    // Not open yet, and nothing got through: the same events would only fail again at once.
    if (!open && !delivered) engine().hold_claims(std::min(base::Milliseconds(config().breaker_probe_ms), base::Milliseconds(1000)));
  });
}

void Webhook::looked(const outbox::View& view) {
  if (view.breaker_open == open_) return;
  std::optional<std::string> until;
  if (view.breaker_open) until = base::iso8601(base::wall_now() + view.probe_in);
  set_open(view.breaker_open, view.breaker_reason, std::move(until));
}

void Webhook::set_open(bool open, const std::string& reason, std::optional<std::string> until) {
  if (open == open_) return;
  open_ = open;
  output().event(Breaker{open ? "open" : "closed", reason, std::move(until)});
}

bool Webhook::may_claim() {
  if (!fault_.empty() && config().service && base::Boottime::now() >= paused_until_) fault_.clear();
  return fault_.empty() && !output().lost();
}

void Webhook::gave_back(const Event& event, outbox::Round& round) {
  if (open_ && event.alone) round.add(outbox::sql::probe_again, pg::Params().add(config().target.endpoint), nullptr);
}

void Webhook::set_fault(const std::string& reason) {
  fault_ = reason;
  paused_until_ = base::Boottime::now() + fault_pause;
  if (!config().service || said_fault_) return;  // a tick says it as it ends
  said_fault_ = true;
  output().error(own_fault(reason, config().target.label));
}

std::optional<std::int64_t> Webhook::endpoint() const { return const_cast<Webhook*>(this)->config().target.endpoint; }

void Webhook::each_in_flight(const std::function<void(outbox::EventPtr&)>& visit) {
  for (auto& flight : flying_) visit(flight.event);
}
