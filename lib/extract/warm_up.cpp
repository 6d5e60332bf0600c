#include "extract/warm_up.hpp"

#include <ctime>
#include <string_view>

#include "extract/extract.hpp"

namespace extract {
namespace {

// With text on its page: only that loads fonts and character sets. No cross-reference table, so the repair is warm, too.
constexpr std::string_view pdf =
    "%PDF-1.4\n"
    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    "4 0 obj<</Length 41>>stream\nBT /F 12 Tf 20 100 Td (Rechnung \\344) Tj ET\n\nendstream endobj\n"
    "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>endobj\n"
    "trailer<</Root 1 0 R>>\n%%EOF\n";

}  // namespace

void warm_up() {
  tzset();
  warm_up_light();
  extract(pdf, "");
}

}  // namespace extract
