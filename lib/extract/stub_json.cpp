#include "extract/formats.hpp"
namespace extract {
Result read_json(std::string_view, const Limits&) { return unsupported(); }
}  // namespace extract
