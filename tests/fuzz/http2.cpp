#include "http/http2.hpp"

#include "session.hpp"

void fuzz(std::string_view input) { fuzz_session<http::Http2Session>(input); }
