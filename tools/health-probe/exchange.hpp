// One request, waited for.
#pragma once

#include "base/clock.hpp"
#include "http/client.hpp"

// The deadline covers everything from the resolver to the last byte; `options.timeout` is not used. An answer that has not come by
// then is a failure with the reason timeout.
http::Answer exchange(http::Options options, base::Deadline deadline);
