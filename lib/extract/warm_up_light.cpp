#include <string_view>

#include "extract/extract.hpp"
#include "extract/warm_up.hpp"

namespace extract {
namespace {

constexpr std::string_view documents[] = {
    R"(<?xml version="1.0" encoding="ISO-8859-1"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>)",
    "Buchungstag;Betrag;W\xe4hrung\n01.02.2026;1,00;EUR\n",
    R"({"invoice_no":"1"})",
};

}  // namespace

void warm_up_light() {
  for (const auto document : documents) extract_light(document, "");
}

}  // namespace extract
