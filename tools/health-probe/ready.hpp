// The readiness of an HTTP service.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "config.hpp"
#include "finding.hpp"
#include "http/client.hpp"

Finding probe_ready(const Config& config, base::Deadline deadline);

// Ready is 200 and an object with `status` and `db` OK and a version. A redirect is not followed: it may lead to a login page with 200.
Finding judge_ready(const http::Answer& answer);
