// What was extracted, as JSON.
#include "emit/json.hpp"
#include "extract/extract.hpp"

namespace extract {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.back() == '{' ? "\"" : ",\"";
  out += name;
  out += "\":";
  emit::append_string(out, value);
}

void append_member(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  if (value) append_member(out, name, std::string_view(*value));
}

void append_row(std::string& out, const Row& row) {
  out += '{';
  append_member(out, "booking_date", row.booking_date);
  append_member(out, "value_date", row.value_date);
  append_member(out, "amount", row.amount);
  append_member(out, "currency", row.currency);
  append_member(out, "counterparty", row.counterparty);
  append_member(out, "counterparty_iban", row.counterparty_iban);
  append_member(out, "purpose", row.purpose);
  out += '}';
}

void append_rows(std::string& out, const std::vector<Row>& rows) {
  out += ",\"rows\":[";
  for (const auto& row : rows) {
    if (&row != &rows.front()) out += ',';
    append_row(out, row);
  }
  out += ']';
}

}  // namespace

std::string payload_json(const Document& document) {
  std::string out = "{";
  append_member(out, "doc_type", std::string_view(document.doc_type));
  append_member(out, "syntax", std::string_view(document.syntax));
  append_member(out, "invoice_no", document.invoice_no);
  append_member(out, "amount", document.amount);
  append_member(out, "gross_total", document.gross_total);
  append_member(out, "currency", document.currency);
  append_member(out, "issue_date", document.issue_date);
  append_member(out, "due_date", document.due_date);
  append_member(out, "seller_name", document.seller_name);
  append_member(out, "seller_vat", document.seller_vat);
  append_member(out, "buyer_name", document.buyer_name);
  append_member(out, "iban", document.iban);
  out += ",\"flags\":";
  emit::append_value(out, document.flags);
  if (document.doc_type == "bank_statement") append_rows(out, document.rows);
  out += '}';
  return out;
}

std::string result_json(const Result& result) {
  if (const auto* document = std::get_if<Document>(&result)) return payload_json(*document);
  const auto& refusal = std::get<Refusal>(result);
  std::string out = "{";
  append_member(out, "reason", std::string_view(refusal.reason));
  append_member(out, "error_class", std::string_view(refusal.error_class));
  out += '}';
  return out;
}

}  // namespace extract
