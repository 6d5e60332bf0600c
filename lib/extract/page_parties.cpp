#include "extract/page_parties.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "extract/characters.hpp"

namespace extract {
namespace {

constexpr double same_column = 100;    // points between the left edges of a heading and what it heads
constexpr double longest_block = 250;  // points
constexpr double aligned = 12;         // points between the left edges of the lines of an address
constexpr double footer = 0.85;
constexpr std::size_t lines_of_address = 8;
constexpr double gap_in_address = 2.2;  // heights: many leave a line between street and town

bool is_part_of_name(char c) { return is_letter(c) || !base::is_ascii(c); }

Party party_of_label(Label label) {
  switch (label) {
    case Label::seller:
      return Party::seller;
    case Label::buyer:
      return Party::buyer;
    case Label::other_party:
      return Party::other;
    default:
      return Party::unknown;
  }
}

// A legal form at the end of a company's name.
bool has_legal_form(const Tokens& tokens) {
  constexpr auto forms = std::to_array<std::string_view>({"gmbh", "ag",   "kg",      "ohg", "ug",  "gbr", "ek",   "ev",          "eg",   "kgaa", "se",
                                                          "mbh",  "ltd",  "limited", "inc", "llc", "plc", "corp", "corporation", "sarl", "sas",  "sasu",
                                                          "sa",   "eurl", "bv",      "nv",  "spa", "srl", "sro",  "oy",          "ab",   "aps",  "as"});
  return std::ranges::any_of(
      tokens, [&](const Token& token) { return std::ranges::find(forms, token.folded) != forms.end() && token.text != "as" && token.text != "ab"; });
}

// "12345", "D-12345", "12345-6789", "88802Spielkreis" where a blank was forgotten
bool is_post_code(std::string_view word) {
  const auto first = base::split(word, '-');
  return std::ranges::any_of(first, [](std::string_view part) {
    const auto t = fold(part);
    const auto digits = static_cast<std::size_t>(std::ranges::count_if(t, is_digit));
    const bool glued = digits == 5 && std::all_of(t.begin(), t.begin() + 5, is_digit);
    return glued || (digits >= 4 && digits <= 5 && t.size() <= 7);
  });
}

// "SW1B 3BN"
bool is_british_post_code(std::string_view outward, std::string_view inward) {
  if (outward.size() < 2 || outward.size() > 4 || inward.size() != 3) return false;
  return is_letter(outward.front()) && std::ranges::any_of(outward, is_digit) && is_digit(inward[0]) && is_letter(inward[1]) && is_letter(inward[2]);
}

// A post code with a name beside it: "12345 Berlin", "DE 12345 Berlin", "75018 PARIS, FR", "London SW1B 3BN".
bool is_town(std::string_view text) {
  const auto tokens = tokens_of(text);
  bool post_code = std::ranges::any_of(tokens, [](const Token& token) { return is_post_code(token.text); });
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) post_code = post_code || is_british_post_code(tokens[i].folded, tokens[i + 1].folded);
  const auto letters = std::ranges::count_if(text, is_letter);
  return post_code && letters >= 2 && tokens.size() <= 6;
}

bool is_salutation(std::string_view text) {
  constexpr auto words =
      std::to_array<std::string_view>({"herr", "herrn", "frau", "firma", "familie", "an", "mr", "mrs", "ms", "monsieur", "madame", "company", "to"});
  return std::ranges::find(words, fold(text)) != words.end();
}

// "Nebenweg 2", "5 High Street"
bool is_street(std::string_view text) {
  const auto tokens = tokens_of(text);
  return !tokens.empty() && (all_digits(tokens.front().text) || is_digit(tokens.back().text.front()));
}

// What can be the name of a person or a company.
bool is_name(std::string_view text) {
  constexpr std::size_t longest = 80;
  if (text.size() < 3 || text.size() > longest) return false;
  if (text.find(':') != std::string_view::npos || text.find('@') != std::string_view::npos || text.find("www.") != std::string_view::npos) return false;
  if (text.find("http") != std::string_view::npos || text.find("  ") != std::string_view::npos) return false;
  const auto letters = std::ranges::count_if(text, is_part_of_name);
  const auto digits = std::ranges::count_if(text, is_digit);
  return letters >= 3 && digits <= 4 && letters > digits && !is_town(text) && !is_street(text) && !is_salutation(text);
}

// The lines under a segment that begin where it begins, as far as they follow closely.
std::vector<std::size_t> block_under(const PageReading& reading, std::size_t segment) {
  const auto& layout = reading.layout();
  std::vector<std::size_t> block;
  for (std::size_t last = segment; block.size() < lines_of_address;) {
    const auto next = layout.below(last, gap_in_address);
    if (!next || std::abs(layout[*next].box.left - layout[segment].box.left) > same_column) break;
    block.push_back(*next);
    last = *next;
  }
  return block;
}

bool is_address(const PageReading& reading, const std::vector<std::size_t>& block) {
  return std::ranges::any_of(block, [&](std::size_t segment) { return is_town(reading.layout()[segment].text); });
}

// A line without anything to its left, close above or below a value: the value may go on there.
bool goes_on(const PageReading& reading, std::size_t segment) {
  const auto& layout = reading.layout();
  const auto& own = layout[segment];
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const auto& other = layout[i];
    if (i == segment || other.page != own.page || std::abs(other.box.left - own.box.left) > aligned) continue;
    const bool close = std::abs(other.box.middle() - own.box.middle()) < 1.8 * own.box.height();
    const bool first_of_line = i == 0 || layout[i - 1].line != other.line;
    if (close && first_of_line) return true;
  }
  return false;
}

// "Name: | Lieferant GmbH" among the lines under a heading.
std::optional<std::string> named_line(const PageReading& reading, const std::vector<std::size_t>& block) {
  for (const auto segment : block) {
    const auto labels = reading.labels_of(segment);
    if (labels.empty() || labels.front().begin != 0 || labels.front().label != Label::name) continue;
    const auto right = reading.value_right_of(segment);
    if (!right || goes_on(reading, *right) || !is_name(reading.layout()[*right].text)) return std::nullopt;
    return reading.layout()[*right].text;
  }
  return std::nullopt;
}

// "Nummer : 549910", "GLN 4333741000005": a line of a block that is no name.
bool is_labelled(const PageReading& reading, std::size_t segment) {
  const auto labels = reading.labels_of(segment);
  const bool number =
      !labels.empty() && labels.front().begin == 0 && labels.front().label != Label::name && party_of_label(labels.front().label) == Party::unknown;
  const auto right = reading.layout().right_of(segment);
  return number || reading.layout()[segment].text.find(':') != std::string::npos || (right && reading.layout()[*right].text.starts_with(':'));
}

bool heads_party(const PageReading& reading, std::size_t segment) {
  return std::ranges::any_of(reading.labels_of(segment), [](const LabelHit& hit) { return party_of_label(hit.label) != Party::unknown; });
}

// "Herrn Max Mustermann"
std::string without_salutation(std::string_view name) {
  for (const std::string_view word : {"Herrn ", "Herr ", "Frau ", "Firma "}) {
    if (name.starts_with(word)) return std::string(base::trim(name.substr(word.size())));
  }
  return std::string(name);
}

// The first line of a block that is a name; nothing where the second line could belong to it.
std::optional<std::string> first_name(const PageReading& reading, const std::vector<std::size_t>& block) {
  const auto& layout = reading.layout();
  for (std::size_t i = 0; i < block.size(); ++i) {
    const auto& text = layout[block[i]].text;
    if (is_labelled(reading, block[i]) || is_salutation(text)) continue;
    if (!is_name(text) || heads_party(reading, block[i])) return std::nullopt;
    const bool two_lines = i + 1 < block.size() && !has_legal_form(reading.tokens(block[i])) && has_legal_form(reading.tokens(block[i + 1]));
    return two_lines ? std::nullopt : std::optional(without_salutation(text));
  }
  return std::nullopt;
}

// "Kunde: Beispiel AG"
std::optional<std::string> name_behind(const PageReading& reading, const LabelHit& hit) {
  const auto& tokens = reading.tokens(hit.segment);
  const auto begin = hit.end + (hit.end < tokens.size() && tokens[hit.end].text == ":" ? 1 : 0);
  auto name = join(tokens, begin, tokens.size());
  return is_name(name) && has_legal_form(tokens) ? std::optional(std::move(name)) : std::nullopt;
}

std::optional<std::string> name_under_heading(const PageReading& reading, Party party) {
  std::set<std::string> found;
  for (const auto& hit : reading.labels()) {
    if (party_of_label(hit.label) != party) continue;
    const auto block = block_under(reading, hit.segment);
    auto name = name_behind(reading, hit);
    if (!name) name = named_line(reading, block);
    if (!name && is_address(reading, block)) name = first_name(reading, block);
    if (name) found.insert(*name);
  }
  return found.size() == 1 ? std::optional(*found.begin()) : std::nullopt;
}

// ---- the sender line and the address window

struct SenderLine {
  std::size_t segment;
  std::string name;
  bool bullets;  // or only commas
};

std::vector<std::string> parts_of(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(base::trim(text.substr(begin, end - begin)));
    begin = end + separator.size();
  }
  return parts;
}

// "Company • Street 1 • 12345 Town" in the upper left part of the first page.
std::optional<SenderLine> sender_line_in(const PageReading& reading, std::size_t segment) {
  const auto& text = reading.layout()[segment].text;
  for (const std::string_view separator : {"•", "●", "·", "|", "∙", "▪", " - ", " – ", ","}) {
    const auto parts = parts_of(text, separator);
    if (parts.size() < 3 || parts.size() > 6 || !is_name(parts.front())) continue;
    const bool town = std::any_of(parts.begin() + 1, parts.end(), [](const std::string& part) { return is_town(part); });
    if (town) return SenderLine{segment, parts.front(), separator != ","};
  }
  return std::nullopt;
}

std::optional<SenderLine> sender_line_of(const PageReading& reading) {
  constexpr double lowest = 0.33;
  for (std::size_t segment = 0; segment < reading.size() && reading.layout()[segment].page == 0; ++segment) {
    if (reading.layout().depth(segment) > lowest) break;
    if (reading.begins_with_label(segment)) continue;
    if (auto line = sender_line_in(reading, segment)) return line;
  }
  return std::nullopt;
}

// "Alphabet" on the sender line is "Alphabet Fuhrparkmanagement GmbH" in the letterhead.
std::optional<std::string> full_name(const PageReading& reading, const SenderLine& line) {
  if (has_legal_form(tokens_of(line.name))) return line.name;
  std::set<std::string> longer;
  bool repeated = false;
  for (std::size_t segment = 0; segment < reading.size(); ++segment) {
    const auto& text = reading.layout()[segment].text;
    repeated = repeated || text == line.name;
    if (text.starts_with(line.name + ' ') && is_name(text) && has_legal_form(reading.tokens(segment))) longer.insert(text);
  }
  if (longer.size() == 1) return *longer.begin();
  return line.bullets || repeated ? std::optional(line.name) : std::nullopt;
}

// The lines under the sender line, which need not begin exactly where it begins.
std::vector<std::size_t> window_under(const PageReading& reading, std::size_t sender) {
  constexpr double shift = 45;
  constexpr double farthest = 70;
  const auto& layout = reading.layout();
  for (std::size_t i = sender + 1; i < layout.size() && layout[i].page == layout[sender].page; ++i) {
    if (layout[i].line == layout[sender].line || std::abs(layout[i].box.left - layout[sender].box.left) > shift) continue;
    if (layout[i].box.top - layout[sender].box.bottom > farthest) break;
    auto block = block_under(reading, i);
    block.insert(block.begin(), i);
    return block;
  }
  return {};
}

// ---- letterhead and footer

// "Acme Ltd., 42 Milky Way": what stands before the first comma or bullet, where it ends with a legal form.
std::optional<std::string> company_in(std::string_view text) {
  for (const std::string_view separator : {"•", "●", "·", "|", " - ", " – ", ","}) text = text.substr(0, text.find(separator));
  const std::string name(base::trim(text));
  const auto tokens = tokens_of(name);
  static constexpr auto articles =
      std::to_array<std::string_view>({"ein", "eine", "die", "der", "das", "a", "an", "part", "member", "mitglied", "powered", "copyright", "c"});
  const bool sentence = !tokens.empty() && std::ranges::find(articles, tokens.front().folded) != articles.end();
  const bool company = tokens.size() >= 2 && has_legal_form({tokens.back()}) && is_name(name) && !sentence;
  return company ? std::optional(name) : std::nullopt;
}

// The same column goes on directly above: what looks like a name may be the second line of one.
bool has_line_above(const PageReading& reading, std::size_t segment) {
  const auto& layout = reading.layout();
  for (std::size_t i = 0; i < segment; ++i) {
    const auto under = layout.below(i, 0.8);
    if (under == segment && std::abs(layout[i].box.left - layout[segment].box.left) < aligned) return true;
  }
  return false;
}

bool is_bank(std::string_view folded) { return folded.find("bank") != std::string_view::npos || folded.find("sparkasse") != std::string_view::npos; }

// The one company named in the foot of the first page, or in its head where the buyer is known to be another one.
std::optional<std::string> letterhead(const PageReading& reading, const std::optional<std::string>& buyer) {
  constexpr double head = 0.15;
  std::set<std::string> found;
  for (std::size_t segment = 0; segment < reading.size() && reading.layout()[segment].page == 0; ++segment) {
    const auto depth = reading.layout().depth(segment);
    if ((depth > head || !buyer) && depth < footer) continue;
    auto company = company_in(reading.layout()[segment].text);
    if (!company || is_bank(fold(*company)) || company == buyer || party_of(reading, segment) == Party::buyer) continue;
    if (!has_line_above(reading, segment)) found.insert(std::move(*company));
  }
  return found.size() == 1 ? std::optional(*found.begin()) : std::nullopt;
}

}  // namespace

Party party_of(const PageReading& reading, std::size_t segment) {
  const auto& layout = reading.layout();
  const auto& own = layout[segment];
  Party party = Party::unknown;
  for (const auto& hit : reading.labels()) {
    if (hit.segment > segment) break;
    const auto& heading = layout[hit.segment];
    if (party_of_label(hit.label) == Party::unknown || heading.page != own.page || std::abs(heading.box.left - own.box.left) > same_column) continue;
    if (own.box.top - heading.box.bottom < longest_block) party = party_of_label(hit.label);
  }
  return party;
}

Names names_of(const PageReading& reading) {
  Names names{name_under_heading(reading, Party::seller), name_under_heading(reading, Party::buyer)};
  if (const auto sender = sender_line_of(reading)) {
    if (!names.seller) names.seller = full_name(reading, *sender);
    const auto window = window_under(reading, sender->segment);
    if (!names.buyer && is_address(reading, window)) names.buyer = first_name(reading, window);
  }
  if (!names.seller) names.seller = letterhead(reading, names.buyer);
  if (names.seller == names.buyer) return {};
  return names;
}

}  // namespace extract
