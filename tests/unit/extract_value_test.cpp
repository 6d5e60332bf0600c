// Values: what is one, and what is left out because it is not surely one.
#include <gtest/gtest.h>

#include "extract/encoding.hpp"
#include "extract/label.hpp"
#include "extract/type.hpp"
#include "extract/value.hpp"
#include "extract/written.hpp"
#include "unit/documents.hpp"

using namespace std::string_view_literals;
using extract::DateOrder;
using extract::Decimals;
using extract::Type;
using support::Field;

namespace {

struct Case {
  std::string_view written;
  Field value;
};

}  // namespace

TEST(Value, DecimalsHaveTwoDigitsAtLeastAndNoSurprises) {
  for (const auto& [written, value] : std::initializer_list<Case>{{"119", "119.00"},
                                                                  {"119.5", "119.50"},
                                                                  {"+0119.1000", "119.10"},
                                                                  {"-8.79", "-8.79"},
                                                                  {"-0.00", "0.00"},
                                                                  {".5", "0.50"},
                                                                  {"5.", "5.00"},
                                                                  {"1183.455", "1183.455"},
                                                                  {"999999999999999.99", "999999999999999.99"},
                                                                  {"1000000000000000", {}},
                                                                  {"99999999999999999999", {}},
                                                                  {"0x7F", {}},
                                                                  {"1e3", {}},
                                                                  {"1,00", {}},
                                                                  {"1.2.3", {}},
                                                                  {"NaN", {}},
                                                                  {"INF", {}},
                                                                  {"--1", {}},
                                                                  {".", {}},
                                                                  {"-", {}},
                                                                  {"", {}}}) {
    EXPECT_EQ(extract::decimal(written), value) << written;
  }
}

TEST(Value, OnlyDatesThatExistAreDates) {
  for (const auto& [written, value] : std::initializer_list<Case>{{"2026-11-24", "2026-11-24"},
                                                                  {"2024-02-29", "2024-02-29"},
                                                                  {"2026-11-24Z", "2026-11-24"},
                                                                  {"2026-11-24+01:00", "2026-11-24"},
                                                                  {"2026-11-24T10:00:00", "2026-11-24"},
                                                                  {"2025-02-29", {}},
                                                                  {"2025-02-31", {}},
                                                                  {"0000-00-00", {}},
                                                                  {"2026-13-01", {}},
                                                                  {"2026-1-1", {}},
                                                                  {"2026-11-245", {}},
                                                                  {"24.11.2026", {}},
                                                                  {"", {}}}) {
    EXPECT_EQ(extract::iso_date(written), value) << written;
  }
  EXPECT_EQ(extract::compact_date("20261124"), Field("2026-11-24"));
  EXPECT_EQ(extract::compact_date("20261324"), Field());
  EXPECT_EQ(extract::compact_date("2026112"), Field());
}

TEST(Value, IbansAreTakenByShapeAndCheckedByTheirDigits) {
  EXPECT_EQ(extract::iban(" de02 1203 0000\xC2\xA0"
                          "0000 2020 51 "),
            Field("DE02120300000000202051"));
  for (const auto text : {"44421800", "IBAN", "XX", "LOC BANK ACCOUNT", "DE0212030000", "DE021203000000002020511111111111111111", "DE02120300000000202O5-1"}) {
    EXPECT_EQ(extract::iban(text), Field()) << text;
  }
  EXPECT_TRUE(extract::iban_checks("DE02120300000000202051"));
  EXPECT_TRUE(extract::iban_checks("GB82WEST12345698765432"));
  EXPECT_FALSE(extract::iban_checks("DE02120300000000202052"));
  EXPECT_FALSE(extract::iban_checks("DE20120300000000202051"));
}

TEST(Value, CleanTextIsOneLine) {
  EXPECT_EQ(extract::clean(" a \t\r\n b\xC2\xA0\xE2\x80\xAF"
                           "c\xEF\xBB\xBF"),
            "a b c");
  EXPECT_EQ(extract::clean("Müller  &  Söhne"), "Müller & Söhne");
  EXPECT_EQ(extract::clean(" \n"), "");
}

TEST(Written, AmountsAreReadWithTheirSignsWhereThereIsOneWayToReadThem) {
  for (const auto& [written, value] : std::initializer_list<Case>{{"1.234,56", "1234.56"},
                                                                  {"1,234.56", "1234.56"},
                                                                  {"1.234.567", "1234567.00"},
                                                                  {"1'234.50", "1234.50"},
                                                                  {"1 234,50 €", "1234.50"},
                                                                  {"EUR 12,5", "12.50"},
                                                                  {"-12,00", "-12.00"},
                                                                  {"12,00-", "-12.00"},
                                                                  {"−12,00", "-12.00"},
                                                                  {"(12.00)", "-12.00"},
                                                                  {"12,00 S", "-12.00"},
                                                                  {"12,00 H", "12.00"},
                                                                  {"+100,00 €", "100.00"},
                                                                  {"0,125", "0.125"},
                                                                  {"100", "100.00"},
                                                                  {"$ 706.00", "706.00"},
                                                                  {"12,34,56", {}},
                                                                  {"1.23.456", {}},
                                                                  {"12 Stück", {}},
                                                                  {"01.03.2025", {}},
                                                                  {"=1+1", {}},
                                                                  {"", {}}}) {
    const auto reading = extract::written_amount(written, Decimals::unknown);
    EXPECT_EQ(reading.value, value) << written;
    EXPECT_FALSE(reading.unclear) << written;
  }
}

TEST(Written, AnAmountThatCanBeReadInTwoWaysIsUnclearUnlessItsColumnDecides) {
  for (const auto text : {"1.234", "1,234", "123.456"}) {
    EXPECT_TRUE(extract::written_amount(text, Decimals::unknown).unclear) << text;
    EXPECT_TRUE(extract::written_amount(text, Decimals::mixed).unclear) << text;
  }
  EXPECT_EQ(extract::written_amount("1.234", Decimals::comma).value, Field("1234.00"));
  EXPECT_EQ(extract::written_amount("1.234", Decimals::dot).value, Field("1.234"));
  const std::string german[] = {"1.234", "12,50", "100"};
  const std::string english[] = {"1,234", "12.50"};
  const std::string both[] = {"12.50", "12,50"};
  const std::string open[] = {"1.234", "100"};
  EXPECT_EQ(extract::decimals_of(german), Decimals::comma);
  EXPECT_EQ(extract::decimals_of(english), Decimals::dot);
  EXPECT_EQ(extract::decimals_of(both), Decimals::mixed);
  EXPECT_EQ(extract::decimals_of(open), Decimals::unknown);
}

TEST(Written, DatesOfEitherOrderAreReadWhereThereIsOneWayToReadThem) {
  for (const auto& [written, value] : std::initializer_list<Case>{{"01.03.2025", "2025-03-01"},
                                                                  {"1.3.25", "2025-03-01"},
                                                                  {"2025-03-01 12:00", "2025-03-01"},
                                                                  {"01.03.2025, 12:00", "2025-03-01"},
                                                                  {"20250301", "2025-03-01"},
                                                                  {"13/03/2025", "2025-03-13"},
                                                                  {"03/13/2025", "2025-03-13"},
                                                                  {"03/03/2025", "2025-03-03"},
                                                                  {"1.3.1", {}},
                                                                  {"RE 1.3", {}}}) {
    EXPECT_EQ(extract::written_date(written, DateOrder::unknown).value, value) << written;
  }
  EXPECT_TRUE(extract::written_date("03/04/2025", DateOrder::unknown).unclear);
  EXPECT_TRUE(extract::written_date("31.02.2025", DateOrder::unknown).unclear);
  EXPECT_EQ(extract::written_date("03/04/2025", DateOrder::day_first).value, Field("2025-04-03"));
  EXPECT_EQ(extract::written_date("03/04/2025", DateOrder::month_first).value, Field("2025-03-04"));
  const std::string american[] = {"03/04/2025", "03/14/2025"};
  EXPECT_EQ(extract::date_order_of(american), DateOrder::month_first);
}

TEST(Written, CurrenciesAreNamedBySignOrCode) {
  EXPECT_EQ(extract::currency_in("Betrag (EUR)"), Field("EUR"));
  EXPECT_EQ(extract::currency_in("12,00 €"), Field("EUR"));
  EXPECT_EQ(extract::currency_in("Umsatz in CHF"), Field("CHF"));
  EXPECT_EQ(extract::currency_in("EUR/USD"), Field());
  EXPECT_EQ(extract::currency_in("$ 12"), Field());
  EXPECT_EQ(extract::currency_in("EUROPA"), Field());
}

TEST(Label, AreTheSameWordInEverySpelling) {
  for (const auto text : {"Rechnungsnummer", "RECHNUNGS-NR.:", "Rechnung Nr", "Invoice No.", "invoice_number", "invoiceNumber"}) {
    EXPECT_EQ(extract::invoice_label(text), extract::InvoiceLabel::invoice_no) << text;
  }
  for (const auto* text : {"Fälligkeitsdatum", "FÄLLIGKEITSDATUM", "Fa\xCC\x88lligkeitsdatum", "FA\xCC\x88LLIGKEITSDATUM"}) {
    EXPECT_EQ(extract::invoice_label(text), extract::InvoiceLabel::due_date) << text;
  }
  EXPECT_EQ(extract::invoice_label("Rechnungsnummer muss eindeutig sein"), std::nullopt);
  EXPECT_EQ(extract::bank_label("Verwendungszweck 3"), extract::BankLabel::purpose);
  EXPECT_EQ(extract::bank_label("Betrag (€)"), extract::BankLabel::amount);
  EXPECT_EQ(extract::bank_label("Begünstigter/Zahlungspflichtiger"), extract::BankLabel::counterparty);
}

TEST(Encoding, TextInEveryUsualEncodingBecomesUtf8) {
  EXPECT_EQ(extract::text_to_utf8("M\xFCller; \x80 5"), Field("Müller; € 5"));
  EXPECT_EQ(extract::text_to_utf8("Stra\xDF"
                                  "e; \xC4\xD6\xDC\xE4\xF6\xFC"),
            Field("Straße; ÄÖÜäöü"));
  EXPECT_EQ(extract::text_to_utf8("\xEF\xBB\xBFMüller"), Field("Müller"));
  EXPECT_EQ(extract::text_to_utf8("\xFF\xFEM\0\xFC\0"sv), Field("Mü"));
  EXPECT_EQ(extract::text_to_utf8("\0M\0\xFC\0l\0l"sv), Field("Müll"));
  EXPECT_EQ(extract::text_to_utf8("M\0\xFC\0l\0l\0"sv), Field("Müll"));
  EXPECT_EQ(extract::text_to_utf8("a;\0b"sv), Field());
  EXPECT_EQ(extract::text_to_utf8("\x01\x02\x03"), Field());
  EXPECT_EQ(extract::unicode_to_utf8("H\xFC"), Field());
}

TEST(Type, IsDecidedByContent) {
  EXPECT_EQ(extract::type_of("\xEF\xBB\xBF \n<?xml version='1.0'?><a/>"), Type::xml);
  EXPECT_EQ(extract::type_of("<\0?\0x\0m\0l\0 \0"sv), Type::xml);
  EXPECT_EQ(extract::type_of("garbage\n%PDF-1.7"), Type::pdf);
  EXPECT_EQ(extract::type_of(std::string(2000, ' ') + "%PDF-1.7"), Type::table);
  EXPECT_EQ(extract::type_of(" {\"a\":1}"), Type::json);
  EXPECT_EQ(extract::type_of("PK\x03\x04"), Type::zip);
  EXPECT_EQ(extract::type_of("a;b\n"), Type::table);
  EXPECT_EQ(extract::type_of("\0\0"sv), Type::unknown);
}

TEST(Type, AnotherThanTheDeclaredIsFlagged) {
  const auto xml = support::fixture("xrechnung-ubl.xml");
  const auto flags = [&](std::string_view declared) { return support::flags_of(std::get<extract::Document>(extract::extract(xml, declared))); };
  for (const auto declared : {"", "application/xml", "text/xml; charset=utf-8", "APPLICATION/XML", "application/vnd.x+xml", "application/octet-stream"}) {
    EXPECT_EQ(flags(declared), "") << declared;
  }
  for (const auto declared : {"text/csv", "application/pdf", "image/png"}) EXPECT_EQ(flags(declared), "mime_mismatch") << declared;
}

TEST(Payload, HasWhatWasFoundAndNothingElse) {
  extract::Document document;
  document.doc_type = "invoice";
  document.syntax = "ubl";
  document.invoice_no = "a\"b\n";
  document.seller_name = "<script>";
  document.text = "not told";
  EXPECT_EQ(extract::payload_json(document), R"({"doc_type":"invoice","syntax":"ubl","invoice_no":"a\"b\n","seller_name":"<script>","flags":[]})");
  document.doc_type = "bank_statement";
  document.rows.emplace_back();
  document.rows[0].booking_date = "2026-11-24";
  document.rows[0].amount = "-1.00";
  document.flags = {"cut"};
  EXPECT_TRUE(extract::payload_json(document).ends_with(R"("flags":["cut"],"rows":[{"booking_date":"2026-11-24","amount":"-1.00"}]})"));
  EXPECT_EQ(extract::result_json(extract::Refusal{"parse_error", "empty"}), R"({"reason":"parse_error","error_class":"empty"})");
}
