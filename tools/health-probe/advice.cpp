#include "advice.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace {

using Advice = std::pair<std::string_view, std::string_view>;

constexpr auto advices = std::to_array<Advice>({
    {"address_blocked", "WEBHOOK_URL leads to a private address; WEBHOOK_ALLOW_PRIVATE=true, if that is meant"},
    {"ahead", "this program is older than the schema: upgrade it on this host"},
    {"behind", "deploy the schema: sqitch deploy --chdir SCHEMA_FOLDER db:pg:DATABASE (see 0admin-ops(7))"},
    {"body_invalid", "what answers there is no readiness endpoint: is the path right?"},
    {"ca_file", "the file of trusted certificates is missing or broken: see --ca-file and WEBHOOK_CA_FILE"},
    {"certificate_expires", "have the certificate renewed by whoever owns the endpoint"},
    {"certificate_unknown", "look at it by hand: openssl s_client -connect HOST:PORT"},
    {"connect", "look at the network between here and there"},
    {"connect_refused", "nothing listens there: is it started, and is the port right?"},
    {"db_not_ok", "the service is up and its database is not: health-probe db on its host"},
    {"diverged", "compare 'sqitch status' with the installed schema folder"},
    {"dns", "the name is not known here: check its spelling and the resolver"},
    {"empty", "alembic_version has no row: deploy the application's schema"},
    {"from_the_future", "the clock of this host is wrong, or was when the file was written"},
    {"host_not_allowed", "the host of WEBHOOK_URL is not in WEBHOOK_DOMAIN_ALLOWLIST"},
    {"not_allowed", "grant the role zero_admin_watcher, and SELECT on alembic_version"},
    {"not_at_head", "deploy the application's schema: alembic upgrade head; or --app-head names the wrong revision"},
    {"read_only", "a standby, or made so: let DATABASE_URL name the primary too, or promote"},
    {"redirect", "it leads elsewhere, perhaps to a login page: give the final URL, or a token-free path"},
    {"reset", "the server ended the connection: look at its journal"},
    {"rotation_due", "rotate it as 0admin-runbook(7) says, in its section on rotating tokens"},
    {"status_not_ok", "the service says of itself that it is not ready: look at its journal"},
    {"timeout", "no answer in time: is it overloaded, or is a firewall in between? --timeout sets how long to wait"},
    {"tls", "the TLS handshake failed: does that port speak TLS?"},
    {"tls_expired", "the certificate has run out: have it renewed"},
    {"tls_hostname", "the certificate is for another name: use the name that it is for"},
    {"tls_untrusted", "nobody that this host trusts has signed the certificate: see --ca-file and WEBHOOK_CA_FILE"},
    {"too_large", "what answers there is no readiness endpoint: is the path right?"},
    {"unreadable", "let this user read the folder of the file; the file itself is never opened"},
    {"version_missing", "the service does not say its version: it may have been deployed by half"},
});
static_assert(std::ranges::is_sorted(advices, {}, &Advice::first));

}  // namespace

std::string_view advice_for(std::string_view reason) {
  if (reason.starts_with("http_")) return "look at the journal of the service, or of the proxy in front of it";
  const auto found = std::ranges::lower_bound(advices, reason, {}, &Advice::first);
  return found != advices.end() && found->first == reason ? found->second : std::string_view();
}
