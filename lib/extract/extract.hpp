// Documents to fields: one call takes the bytes of a document and gives its fields, or why there are none.
// Touches no file, no network, no environment and no clock, and keeps nothing between calls.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace extract {

// One entry of a bank statement. Amounts are signed: money out is negative.
struct Row {
  std::optional<std::string> booking_date, value_date, amount, currency, counterparty, counterparty_iban, purpose;
};

// Amounts are decimal strings with a dot ("1234.50"), dates ISO 8601 ("2026-11-24"), IBANs without blanks and in capitals.
// What cannot be read for sure is absent, and a flag says why where there is something to say.
struct Document {
  std::string doc_type;  // invoice, credit_note, order, bank_statement, receipt, document, image
  std::string syntax;    // ubl, cii, zugferd1, facturx, pdf, csv, xlsx, json, xml, png, jpeg
  std::optional<std::string> invoice_no, amount, gross_total, currency, issue_date, due_date, seller_name, seller_vat, buyer_name, iban;
  std::vector<std::string> flags;  // sorted, each once; the names are in `flag` below
  std::vector<Row> rows;           // bank statements only
  std::string text;                // plain text of the document, UTF-8: what chunks are cut from
};

// The document itself shows that it cannot be read: trying again changes nothing.
struct Refusal {
  std::string reason;       // one of `reason` below
  std::string error_class;  // one of `error_class` below

  bool operator==(const Refusal&) const = default;
};

namespace reason {
inline constexpr std::string_view parse_error = "parse_error";
inline constexpr std::string_view unsupported_mime = "unsupported_mime";
inline constexpr std::string_view validation_error = "validation_error";
}  // namespace reason

namespace error_class {
inline constexpr std::string_view empty = "empty";                            // no bytes
inline constexpr std::string_view too_large = "too_large";                    // said by who reads the bytes, before they come here
inline constexpr std::string_view unknown_type = "unknown_type";              // none of the types that are read
inline constexpr std::string_view damaged = "damaged";                        // broken syntax, or cut off
inline constexpr std::string_view encrypted = "encrypted";                    // needs a password
inline constexpr std::string_view bad_encoding = "bad_encoding";              // bytes that are no text in any encoding we read
inline constexpr std::string_view entity_declaration = "entity_declaration";  // XML that declares entities
inline constexpr std::string_view too_deep = "too_deep";                      // nesting
inline constexpr std::string_view too_many_entries = "too_many_entries";      // of a zip; elements, values or cells
inline constexpr std::string_view too_many_rows = "too_many_rows";
inline constexpr std::string_view too_many_columns = "too_many_columns";
inline constexpr std::string_view field_size = "field_size";        // one value longer than any real one
inline constexpr std::string_view unpacked_size = "unpacked_size";  // unpacks to more than is allowed
inline constexpr std::string_view pixels = "pixels";                // picture larger than is allowed
}  // namespace error_class

namespace flag {
inline constexpr std::string_view mime_mismatch = "mime_mismatch";          // the content is not of the declared type
inline constexpr std::string_view needs_ocr = "needs_ocr";                  // pictures of pages, no text
inline constexpr std::string_view iban_checksum = "iban_checksum";          // an IBAN that fails ISO 7064 mod 97; given as it stands, never to be paid to
inline constexpr std::string_view amount_unclear = "amount_unclear";        // no number, or one that can be read in two ways; left out
inline constexpr std::string_view date_unclear = "date_unclear";            // no date, or one that can be read in two ways; left out
inline constexpr std::string_view several_due_dates = "several_due_dates";  // the first of several is given
inline constexpr std::string_view several_ibans = "several_ibans";          // payable to more than one account; the first is given
inline constexpr std::string_view several_invoices = "several_invoices";    // a table of invoices, none of which is given
inline constexpr std::string_view duplicate_keys = "duplicate_keys";        // JSON that gives one key twice
inline constexpr std::string_view page_disagrees_with_xml = "page_disagrees_with_xml";
inline constexpr std::string_view xml_unreadable = "xml_unreadable";  // an embedded invoice that cannot be read; the page is given
inline constexpr std::string_view repaired = "repaired";              // a PDF whose pages could be read only after repair
inline constexpr std::string_view cut = "cut";                        // text or rows end at a limit
inline constexpr std::string_view formulas = "formulas";              // a table holds formulas; neutralise it before export
}  // namespace flag

struct Limits {
  std::size_t max_text_bytes = 16'777'216;      // of Document::text; longer text is cut and flagged
  std::size_t max_unpacked_bytes = 67'108'864;  // of all parts of a zip, or all streams of a PDF, together
  std::size_t max_depth = 200;                  // of XML, JSON and PDF objects
  std::size_t max_entries = 10'000;             // of a zip; attachments of a PDF
  std::size_t max_nodes = 1'000'000;            // elements and attributes of an XML, values of a JSON
  std::size_t max_cells = 2'000'000;            // of all tables of a document
  std::size_t max_pages = 2'000;
  std::size_t max_pixels = 178'956'970;  // of a picture
  std::size_t max_rows = 200'000;
  std::size_t max_columns = 2'000;
  std::size_t max_field_bytes = 65'536;  // of one cell of a table
};

using Result = std::variant<Document, Refusal>;

// The type is decided by content; `declared_mime` (may be empty) only leads to the flag mime_mismatch.
// Never throws for what a document contains; std::bad_alloc may pass when memory is limited from outside.
Result extract(std::string_view bytes, std::string_view declared_mime, const Limits& limits = {});

// The same for XML, JSON, tables and pictures, without the libraries that PDFs and workbooks take: nullopt for those.
// Whoever calls nothing else links ops_extract_light alone.
std::optional<Result> extract_light(std::string_view bytes, std::string_view declared_mime, const Limits& limits = {});

// The extracted fields as one JSON object (without `text`); absent fields are left out.
std::string payload_json(const Document& document);

// What extract() returns, as the line that inbox-extract prints: the fields, or {"reason":…,"error_class":…}.
std::string result_json(const Result& result);

}  // namespace extract
