#include "http/http1.hpp"

#include "session.hpp"

void fuzz(std::string_view input) { fuzz_session<http::Http1Session>(input); }
