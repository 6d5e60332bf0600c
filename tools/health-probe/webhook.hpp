// The webhook's endpoint, without an event.
#pragma once

#include "base/clock.hpp"
#include "config.hpp"
#include "finding.hpp"
#include "http/client.hpp"

// Connects as outbox-publish does, with its rules about hosts, addresses and certificates, and sends nothing.
Finding probe_webhook(const Config& config, base::Deadline deadline);

Finding judge_handshake(const http::Answer& answer, base::WallTime now, std::int64_t warn_days);
