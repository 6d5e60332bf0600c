// CSV, XLSX and JSON: bank statements and invoices in them, and what is refused.
#include <gtest/gtest.h>
#include <zip.h>

#include <map>

#include "unit/documents.hpp"

using support::Field;
using support::fixture;
using support::flags_of;
using support::read;
using support::refusal_of;

namespace {

// "2025-01-02 2025-01-02 -39.95 EUR Telekom DE89… Rechnung", with "-" for what is absent.
std::string told(const extract::Row& row) {
  std::string out;
  for (const auto& field : {row.booking_date, row.value_date, row.amount, row.currency, row.counterparty, row.counterparty_iban, row.purpose}) {
    out += (out.empty() ? "" : " | ") + field.value_or("-");
  }
  return out;
}

std::vector<std::string> rows_of(const extract::Document& document) {
  std::vector<std::string> out;
  for (const auto& row : document.rows) out.push_back(told(row));
  return out;
}

using Rows = std::vector<std::string>;

extract::Document statement(std::string_view bytes) {
  auto document = read(bytes);
  EXPECT_EQ(document.doc_type, "bank_statement");
  return document;
}

std::string zip_of(const std::map<std::string, std::string>& parts) {
  zip_error_t error;
  zip_error_init(&error);
  auto* buffer = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(buffer);
  auto* archive = zip_open_from_source(buffer, ZIP_TRUNCATE, &error);
  for (const auto& [name, content] : parts) {
    zip_file_add(archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), ZIP_FL_OVERWRITE);
  }
  zip_close(archive);
  zip_stat_t status;
  zip_source_stat(buffer, &status);
  std::string out(status.size, '\0');
  zip_source_open(buffer);
  EXPECT_EQ(zip_source_read(buffer, out.data(), out.size()), static_cast<zip_int64_t>(out.size()));
  zip_source_close(buffer);
  zip_source_free(buffer);
  return out;
}

constexpr auto main_ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

std::map<std::string, std::string> workbook_parts(const std::string& rows, const std::string& workbook_pr = "", const std::string& state = "") {
  const std::string relation = "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>";
  const std::string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  return {
      {"_rels/.rels", relation + "<Relationship Id='r1' Type='" + office + "officeDocument' Target='/xl/workbook.xml'/></Relationships>"},
      {"xl/workbook.xml", "<workbook xmlns='" + std::string(main_ns) + "' xmlns:r='" + office + "'>" + workbook_pr + "<sheets><sheet name='A' sheetId='1' " +
                              state + " r:id='r1'/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels", relation + "<Relationship Id='r1' Type='" + office +
                                         "worksheet' Target='worksheets/sheet1.xml'/><Relationship Id='r2' Type='" + office +
                                         "styles' Target='styles.xml'/></Relationships>"},
      {"xl/styles.xml", "<styleSheet xmlns='" + std::string(main_ns) +
                            "'><numFmts><numFmt numFmtId='164' formatCode='dd\\.mm\\.yyyy'/><numFmt numFmtId='165' formatCode='0.00 \"dry\"'/></numFmts>"
                            "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/></cellXfs></styleSheet>"},
      {"xl/worksheets/sheet1.xml", "<worksheet xmlns='" + std::string(main_ns) + "'><sheetData>" + rows + "</sheetData></worksheet>"},
  };
}

std::string text_cell(const std::string& reference, const std::string& text) {
  return "<c r='" + reference + "' t='inlineStr'><is><t>" + text + "</t></is></c>";
}
std::string number_cell(const std::string& reference, const std::string& value, int style = 0) {
  return "<c r='" + reference + "' s='" + std::to_string(style) + "'><v>" + value + "</v></c>";
}

// An invoice whose date cell is given.
std::string invoice_rows(const std::string& date_cell) {
  return "<row r='1'>" + text_cell("A1", "Rechnungsnummer") + text_cell("B1", "RE-1") + "</row><row r='2'>" + text_cell("A2", "Rechnungsdatum") + date_cell +
         "</row><row r='3'>" + text_cell("A3", "Gesamtbetrag") + number_cell("B3", "119.00000000000001") + "</row>";
}

}  // namespace

// ---- bank statements

TEST(Bank, PreambleLatin1AndQuotesAreRead) {
  const auto document = statement(fixture("bank.csv"));
  EXPECT_EQ(document.iban, Field("DE02120300000000202051"));
  EXPECT_EQ(document.currency, Field("EUR"));
  EXPECT_EQ(rows_of(document), (Rows{"2026-11-24 | 2026-11-25 | 1234.56 | EUR | Müller & Söhne | DE02500105170137075030 | RE-2026-0801; danke",
                                     "2026-11-23 | 2026-11-23 | -85.20 | EUR | Stadtwerke Musterstadt | DE02300209000106531065 | Abschlag \"Strom\" November"}))
      << "and the line with the balance is no entry";
}

TEST(Bank, EnglishHeadingsAndDots) {
  const auto document = statement(
      "\"Booking Date\",\"Value Date\",\"Partner Name\",\"Partner Iban\",Type,\"Payment Reference\",\"Amount (EUR)\"\n"
      "2025-01-02,2025-01-03,\"Shop, Inc.\",,Presentment,\"Order 1\",\"-1,012.50\"\n");
  EXPECT_EQ(rows_of(document), (Rows{"2025-01-02 | 2025-01-03 | -1012.50 | EUR | Shop, Inc. | - | Order 1"}));
}

TEST(Bank, TheCurrencyBehindTheAmountIsItsOwn) {
  const auto document = statement(
      "Buchung;Wertstellungsdatum;Auftraggeber/Empfänger;Buchungstext;Verwendungszweck;Saldo;Währung;Betrag;Währung\n"
      "31.03.2025;31.03.2025;Vermieter;Dauerauftrag;Miete;1.234,56;USD;-800,00;EUR\n");
  EXPECT_EQ(rows_of(document), (Rows{"2025-03-31 | 2025-03-31 | -800.00 | EUR | Vermieter | - | Miete"}));
}

TEST(Bank, OfTwoSidesTheOtherOneIsGiven) {
  const auto document = statement(
      "Buchungsdatum;Wertstellung;Zahlungspflichtige*r;Zahlungsempfänger*in;Verwendungszweck;IBAN;Betrag (€)\n"
      "31.03.25;31.03.25;Ich;Laden;Einkauf;DE89370400440532013000;-23,45\n"
      "30.03.25;30.03.25;Firma;Ich;Gehalt;DE02500105170137075030;3.000\n");
  EXPECT_EQ(rows_of(document), (Rows{"2025-03-31 | 2025-03-31 | -23.45 | EUR | Laden | DE89370400440532013000 | Einkauf",
                                     "2025-03-30 | 2025-03-30 | 3000.00 | EUR | Firma | DE02500105170137075030 | Gehalt"}));
}

TEST(Bank, SollAndHabenInColumnsOfTheirOwnAndAsASign) {
  const auto columns = statement(
      "Buchungstag;Valuta;Verwendungszweck;Soll;Haben;Währung\n"
      "2.1.2025;2.1.2025;Strom;39,95;;EUR\n3.1.2025;3.1.2025;Miete;-800,00;;EUR\n4.1.2025;4.1.2025;Kunde;;1.500,00;EUR\n5.1.2025;5.1.2025;Beides;1,00;2,00;"
      "EUR\n");
  ASSERT_EQ(columns.rows.size(), 4U);
  EXPECT_EQ(columns.rows[0].amount, Field("-39.95"));
  EXPECT_EQ(columns.rows[1].amount, Field("-800.00"));
  EXPECT_EQ(columns.rows[2].amount, Field("1500.00"));
  EXPECT_EQ(columns.rows[3].amount, Field());
  EXPECT_EQ(flags_of(columns), "amount_unclear");
  const auto sign = statement("Buchungstag;Valuta;Verwendungszweck;Umsatz;Soll/Haben\n2.1.2025;2.1.2025;Strom;39,95;S\n3.1.2025;3.1.2025;Kunde;100,00;H\n");
  ASSERT_EQ(sign.rows.size(), 2U);
  EXPECT_EQ(sign.rows[0].amount, Field("-39.95"));
  EXPECT_EQ(sign.rows[1].amount, Field("100.00"));
}

TEST(Bank, AnAccountThatIsTheSameInEveryRowIsTheOwn) {
  const auto document = statement(
      "Kontonummer;Buchungsdatum;Valuta;Empfaenger 1;Empfaenger 2;Verwendungszweck;Verwendungszweck 2;Betrag\n"
      "DE02120300000000202051;02.01.2025;02.01.2025;Firma;GmbH;Teil 1;Teil 2;-1,00\n"
      "DE02120300000000202051;03.01.2025;03.01.2025;Andere;;Zweck;;-2,00\n");
  EXPECT_EQ(document.iban, Field("DE02120300000000202051"));
  EXPECT_EQ(rows_of(document),
            (Rows{"2025-01-02 | 2025-01-02 | -1.00 | - | Firma GmbH | - | Teil 1 Teil 2", "2025-01-03 | 2025-01-03 | -2.00 | - | Andere | - | Zweck"}));
}

TEST(Bank, WithoutHeadingsColumnsAreToldByTheirContent) {
  const auto document = statement(
      "02.01.2025;02.01.2025;Telekom;Rechnung 4711 Januar;DE89370400440532013000;-39,95;960,05;EUR\n"
      "03.01.2025;03.01.2025;Kunde A;Zahlung RE-2025-001;DE02500105170137075030;1.234,56;2.194,61;EUR\n");
  EXPECT_EQ(rows_of(document), (Rows{"2025-01-02 | 2025-01-02 | -39.95 | EUR | Telekom | DE89370400440532013000 | Rechnung 4711 Januar",
                                     "2025-01-03 | 2025-01-03 | 1234.56 | EUR | Kunde A | DE02500105170137075030 | Zahlung RE-2025-001"}));
}

TEST(Bank, WithoutHeadingsTwoAmountsOfWhichNoneIsTheBalanceAreNoStatement) {
  EXPECT_EQ(read("02.01.2025;Telekom;-39,95;1,00\n03.01.2025;Kunde;20,00;7,00\n").doc_type, "document");
}

TEST(Bank, WhatIsUnclearIsLeftOutAndFlagged) {
  const auto document = statement("Date,Description,Debit,Credit,Balance\n03/04/2025,Coffee,4.50,,100.00\n05/04/2025,Pay,,\"2,500.00\",\"2,600.00\"\n");
  EXPECT_EQ(rows_of(document), (Rows{"- | - | -4.50 | - | - | - | Coffee", "- | - | 2500.00 | - | - | - | Pay"}));
  EXPECT_EQ(flags_of(document), "date_unclear");
}

TEST(Bank, OtherListsWithDatesAndAmountsAreNone) {
  for (const auto list :
       {"Date,Category,Amount\n2025-01-01,Food,12.00\n2025-01-02,Travel,50.00\n",
        "EXTF;510;21;Buchungsstapel\nUmsatz;Soll/Haben-Kennzeichen;WKZ Umsatz;Belegdatum;Buchungsdatum;Buchungstext\n24,95;H;EUR;2106;01.06.2016;Buch\n",
        "\"id\";\"name\";\"created_at\";\"amount_eur\"\n\"1\";\"Max\";\"2026-01-01\";\"129.90\"\n"}) {
    const auto document = read(list);
    EXPECT_EQ(document.doc_type, "document") << list;
    EXPECT_TRUE(document.rows.empty()) << list;
  }
}

// ---- invoices in CSV

TEST(Csv, OneInvoiceBelowItsHeadingsIsRead) {
  const auto document =
      read("Rechnungsnummer;Rechnungsdatum;F\xE4lligkeitsdatum;Betrag;W\xE4hrung;Lieferant\r\nRE-1;01.03.2025;15.03.2025;1.234,56;EUR;M\xFCller\r\n");
  EXPECT_EQ(document.doc_type, "invoice");
  EXPECT_EQ(document.syntax, "csv");
  EXPECT_EQ(document.invoice_no, Field("RE-1"));
  EXPECT_EQ(document.issue_date, Field("2025-03-01"));
  EXPECT_EQ(document.due_date, Field("2025-03-15"));
  EXPECT_EQ(document.amount, Field("1234.56"));
  EXPECT_EQ(document.currency, Field("EUR"));
  EXPECT_EQ(document.seller_name, Field("Müller"));
}

TEST(Csv, OfSeveralInvoicesNoneIsGiven) {
  const auto document = read("Rechnungsnummer;Rechnungsdatum;Betrag\nRE-1;01.03.2025;1,00\nRE-2;01.03.2025;2,00\n");
  EXPECT_EQ(document.invoice_no, Field());
  EXPECT_EQ(document.issue_date, Field());
  EXPECT_EQ(flags_of(document), "several_invoices");
}

TEST(Csv, LinesOfOneInvoiceAgreeOnWhatIsItsOwn) {
  const auto document = read("Invoice No,Invoice Date,Item,Amount\nRE-1,2025-03-01,A,1.00\nRE-1,2025-03-01,B,2.00\n");
  EXPECT_EQ(document.invoice_no, Field("RE-1"));
  EXPECT_EQ(document.issue_date, Field("2025-03-01"));
  EXPECT_EQ(document.amount, Field());
}

TEST(Csv, DelimitersAreToldByColumnsNotByDecimalCommas) {
  for (const std::string_view delimiter : {";", "\t", "|"}) {
    std::string text = "Rechnungsnummer@Betrag@Bruttobetrag\nRE-1@1,00@1,19\n";
    for (auto at = text.find('@'); at != std::string::npos; at = text.find('@')) text.replace(at, 1, delimiter);
    EXPECT_EQ(read(text).amount, Field("1.19")) << delimiter;
  }
  EXPECT_EQ(read("sep=|\nRechnungsnummer|Bruttobetrag\nRE-1|1,19\n").amount, Field("1.19"));
}

TEST(Csv, QuotesHoldDelimitersLineBreaksAndQuotes) {
  const auto document = read("Rechnungsnummer;Bruttobetrag;Lieferant\n\"RE-1\";\"1,00\";\"A; B\"\" C\nD\"\n");
  EXPECT_EQ(document.seller_name, Field("A; B\" C D"));
}

TEST(Csv, AQuoteThatNeverClosesIsDamage) { EXPECT_EQ(refusal_of("a;b\n\"x;1\ny;2\nz;3\n"), "parse_error/damaged"); }

TEST(Csv, RowsColumnsCellsAndFieldsHaveLimits) {
  EXPECT_EQ(refusal_of("a;b;c\n1;2;3\n", {.max_columns = 2}), "parse_error/too_many_columns");
  EXPECT_EQ(refusal_of("a;b\n1;2\n3;4\n", {.max_rows = 2}), "parse_error/too_many_rows");
  EXPECT_EQ(refusal_of("a;b\n1;2\n3;4\n", {.max_cells = 5}), "parse_error/too_many_entries");
  EXPECT_EQ(refusal_of("a;b\n1;" + std::string(101, 'x') + "\n", {.max_field_bytes = 100}), "parse_error/field_size");
  EXPECT_EQ(refusal_of("a;b\n1;2\n3;4\n", {.max_cells = 6, .max_rows = 3, .max_columns = 2, .max_field_bytes = 1}), "");
}

TEST(Csv, BytesThatAreNoTextAreRefused) { EXPECT_EQ(refusal_of(std::string("a;\0b\n", 5)), "parse_error/bad_encoding"); }

TEST(Csv, TextThatASpreadsheetWouldRunIsFlagged) {
  for (const auto cell : {"=HYPERLINK(1)", "@SUM(A1)", "+1+cmd|x", "-2+3+A1(1)"})
    EXPECT_EQ(flags_of(read(std::string("a;b\n1;") + cell + "\n")), "formulas") << cell;
  for (const auto cell : {"-12,00", "+49 30 1234", "- none -", "a=b"}) EXPECT_EQ(flags_of(read(std::string("a;b\n1;") + cell + "\n")), "") << cell;
}

// ---- workbooks

TEST(Xlsx, AnInvoiceWithLabelsIsRead) {
  const auto document = read(fixture("invoice.xlsx"));
  EXPECT_EQ(document.doc_type, "invoice");
  EXPECT_EQ(document.invoice_no, Field("RE-2026-0816"));
  EXPECT_EQ(document.issue_date, Field("2026-11-24"));
  EXPECT_EQ(document.due_date, Field("2026-12-08"));
  EXPECT_EQ(document.amount, Field("1190.50"));
  EXPECT_EQ(document.currency, Field("EUR")) << "by the format of the number";
  EXPECT_EQ(document.seller_name, Field("Beispiel Technik GmbH"));
  EXPECT_EQ(document.buyer_name, Field("Muster Handel AG"));
  EXPECT_EQ(document.iban, Field("DE02120300000000202051"));
  EXPECT_NE(document.text.find("Rechnungsnummer:\tRE-2026-0816\n"), std::string::npos);
}

TEST(Xlsx, DatesAreNumbersWithAFormatOfDays) {
  const auto date_of = [](const std::string& cell, const std::string& workbook_pr = "") {
    return read(zip_of(workbook_parts(invoice_rows(cell), workbook_pr))).issue_date;
  };
  EXPECT_EQ(date_of(number_cell("B2", "45321", 1)), Field("2024-01-30"));
  EXPECT_EQ(date_of(number_cell("B2", "45321.75", 2)), Field("2024-01-30"));
  EXPECT_EQ(date_of(number_cell("B2", "43859", 1), "<workbookPr date1904='1'/>"), Field("2024-01-30"));
  EXPECT_EQ(date_of(number_cell("B2", "59", 1)), Field("1900-02-28"));
  EXPECT_EQ(date_of(number_cell("B2", "45321", 0)), Field()) << "a number is no date";
  EXPECT_EQ(date_of(number_cell("B2", "45321", 3)), Field()) << "a d within quotes is no day";
  EXPECT_EQ(date_of(number_cell("B2", "-1", 1)), Field());
  EXPECT_EQ(date_of("<c r='B2' t='d'><v>2024-01-30T00:00:00</v></c>"), Field("2024-01-30"));
}

TEST(Xlsx, NumbersAreWhatASpreadsheetShows) { EXPECT_EQ(read(zip_of(workbook_parts(invoice_rows("")))).amount, Field("119.00")); }

TEST(Xlsx, WhatIsHiddenIsNotRead) {
  const auto document = read(zip_of(workbook_parts(invoice_rows(""), "", "state='hidden'")));
  EXPECT_EQ(document.doc_type, "document");
  EXPECT_EQ(document.text, "");
}

TEST(Xlsx, CellsThatAreNowhereAndStringsThatAreNotThereAreLeftOut) {
  const auto document = read(zip_of(workbook_parts(
      "<row r='9223372036854775807'><c r='XFE1048577'><v>1</v></c><c r='A0' t='s'><v>-1</v></c><c r='ZZZZZZZZ99999999999' t='s'><v>7</v></c></row>"
      "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>" +
      invoice_rows("<c r='B2' s='99999999'><v>1e400</v></c>"))));
  EXPECT_EQ(document.invoice_no, Field("RE-1"));
  EXPECT_EQ(document.amount, Field("119.00"));
}

TEST(Xlsx, SheetsThatDisagreeAreSeveralInvoices) {
  auto parts = workbook_parts(invoice_rows(""));
  auto& workbook = parts["xl/workbook.xml"];
  workbook = support::replaced(workbook, "</sheets>", "<sheet name='B' sheetId='2' r:id='r3'/></sheets>");
  auto& relations = parts["xl/_rels/workbook.xml.rels"];
  relations = support::replaced(relations, "</Relationships>",
                                "<Relationship Id='r3' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet' "
                                "Target='worksheets/sheet2.xml'/></Relationships>");
  parts["xl/worksheets/sheet2.xml"] = support::replaced(parts["xl/worksheets/sheet1.xml"], "119.00000000000001", "957");
  const auto document = read(zip_of(parts));
  EXPECT_EQ(document.invoice_no, Field("RE-1"));
  EXPECT_EQ(document.amount, Field());
  EXPECT_EQ(flags_of(document), "several_invoices");
}

TEST(Xlsx, WhatIsNoWorkbookOrBreaksOutOfItIsRefused) {
  EXPECT_EQ(refusal_of(zip_of({{"readme.txt", "x"}})), "unsupported_mime/unknown_type");
  EXPECT_EQ(refusal_of("PK\x03\x04 and nothing"), "parse_error/damaged");
  EXPECT_EQ(refusal_of(std::string("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") + std::string("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", 32)),
            "parse_error/encrypted");
  EXPECT_EQ(refusal_of("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "unsupported_mime/unknown_type");
  auto parts = workbook_parts(invoice_rows(""));
  parts["xl/_rels/workbook.xml.rels"] = support::replaced(parts["xl/_rels/workbook.xml.rels"], "worksheets/sheet1.xml", "../../../etc/passwd");
  EXPECT_EQ(refusal_of(zip_of(parts)), "parse_error/damaged");
}

TEST(Xlsx, EntitiesInAnyPartAreRefused) {
  for (const auto part : {"_rels/.rels", "xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"}) {
    auto parts = workbook_parts(invoice_rows(""));
    parts[part] = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + parts[part];
    EXPECT_EQ(refusal_of(zip_of(parts)), "parse_error/entity_declaration") << part;
  }
}

TEST(Xlsx, SizesAreCountedNotBelieved) {
  const auto rows = invoice_rows("") + "<row r='4'>" + text_cell("A4", std::string(20000, 'x')) + "</row>";
  EXPECT_EQ(refusal_of(zip_of(workbook_parts(rows)), {.max_unpacked_bytes = 15000}), "parse_error/unpacked_size");
  EXPECT_EQ(refusal_of(zip_of(workbook_parts(rows)), {.max_field_bytes = 10000}), "parse_error/field_size");
  EXPECT_EQ(refusal_of(zip_of(workbook_parts(rows)), {.max_entries = 3}), "parse_error/too_many_entries");
  EXPECT_EQ(refusal_of(zip_of(workbook_parts(rows)), {.max_cells = 3}), "parse_error/too_many_entries");
  // A string that is stored once and shown often costs each time.
  auto parts = workbook_parts("");
  std::string cells;
  for (int row = 1; row <= 20; ++row) cells += "<row r='" + std::to_string(row) + "'><c t='s'><v>0</v></c></row>";
  parts = workbook_parts(cells);
  parts["xl/sharedStrings.xml"] =
      "<sst xmlns='" + std::string(main_ns) + "' count='4000000000' uniqueCount='4000000000'><si><t>" + std::string(1000, 'x') + "</t></si></sst>";
  parts["xl/_rels/workbook.xml.rels"] = support::replaced(parts["xl/_rels/workbook.xml.rels"], "</Relationships>",
                                                          "<Relationship Id='r9' Type='x/sharedStrings' Target='sharedStrings.xml'/></Relationships>");
  EXPECT_EQ(refusal_of(zip_of(parts), {.max_unpacked_bytes = 10000}), "parse_error/unpacked_size");
  EXPECT_EQ(refusal_of(zip_of(parts), {.max_unpacked_bytes = 30000}), "");
}

// ---- JSON

TEST(Json, KeysSayWhatTheirValuesAre) {
  const auto document = read(
      R"({"invoice":{"number":"RE-1","date":"2025-03-01","dueDate":"2025-03-15"},"seller":{"name":"A GmbH","vatId":"DE 123456789"},
          "customer":{"name":"B AG"},"currency":"EUR","total":"119,00","iban":"DE02120300000000202051","items":[{"total":1,"amount":2}]})");
  EXPECT_EQ(document.doc_type, "invoice");
  EXPECT_EQ(document.syntax, "json");
  EXPECT_EQ(document.invoice_no, Field("RE-1"));
  EXPECT_EQ(document.issue_date, Field("2025-03-01"));
  EXPECT_EQ(document.due_date, Field("2025-03-15"));
  EXPECT_EQ(document.seller_name, Field("A GmbH"));
  EXPECT_EQ(document.seller_vat, Field("DE123456789"));
  EXPECT_EQ(document.buyer_name, Field("B AG"));
  EXPECT_EQ(document.currency, Field("EUR"));
  EXPECT_EQ(document.amount, Field("119.00"));
  EXPECT_EQ(document.iban, Field("DE02120300000000202051"));
}

TEST(Json, AnInvoiceInTheShapeOfUblIsReadByThePathsOfUbl) {
  const auto document = read(
      R"({"ubl:Invoice":{"cbc:ID":"7","cbc:IssueDate":"2024-09-24","cbc:InvoiceTypeCode":"381","cbc:DocumentCurrencyCode":"EUR",
          "cac:AccountingSupplierParty":{"cac:Party":{"cac:PartyTaxScheme":[{"cbc:CompanyID":"1","cac:TaxScheme":{"cbc:ID":"FC"}},
          {"cbc:CompanyID":"DE202526944","cac:TaxScheme":{"cbc:ID":"VAT"}}],"cac:PartyLegalEntity":{"cbc:RegistrationName":"Acme"}}},
          "cac:LegalMonetaryTotal":{"cbc:PayableAmount":"10.5","cbc:PayableAmount@currencyID":"EUR"}}})");
  EXPECT_EQ(document.doc_type, "credit_note");
  EXPECT_EQ(document.syntax, "json");
  EXPECT_EQ(document.invoice_no, Field("7"));
  EXPECT_EQ(document.seller_name, Field("Acme"));
  EXPECT_EQ(document.seller_vat, Field("DE202526944"));
  EXPECT_EQ(document.amount, Field("10.50"));
}

TEST(Json, AKeyThatIsGivenTwiceIsFlaggedAndNeitherValueIsTaken) {
  const auto document = read(R"({"invoiceNumber":"RE-1","total":119.00,"currency":"EUR","total":0.01,"invoiceNumber":"RE-2"})");
  EXPECT_EQ(document.invoice_no, Field());
  EXPECT_EQ(document.amount, Field());
  EXPECT_EQ(document.currency, Field("EUR"));
  EXPECT_EQ(flags_of(document), "duplicate_keys");
}

TEST(Json, TextThatCanBeReadInTwoWaysIsFlaggedAndANumberCannot) {
  const auto text = read(R"({"invoiceNumber":"RE-1","total":"1.234","dueDate":"03/04/2025","currency":"EUR"})");
  EXPECT_EQ(text.amount, Field());
  EXPECT_EQ(flags_of(text), "amount_unclear date_unclear");
  EXPECT_EQ(read(R"({"invoiceNumber":"RE-1","total":1.234})").amount, Field("1.234"));
}

TEST(Json, WhatIsNoJsonIsRefused) {
  for (const auto text : {R"({"a":NaN})", R"({"a":1} // x)", R"({"a":1,})", R"({"a":1)", R"([1,2)"}) EXPECT_EQ(refusal_of(text), "parse_error/damaged") << text;
  EXPECT_EQ(refusal_of("{\"a\":\"H\xFC\"}"), "parse_error/bad_encoding");
  EXPECT_EQ(refusal_of(std::string(100'000, '[')), "parse_error/too_deep");
  EXPECT_EQ(refusal_of("[1,2,3,4,5,6]", {.max_nodes = 5}), "parse_error/too_many_entries");
}

TEST(Json, ThatIsNoInvoiceHasTextOnly) {
  const auto document = read(R"({"__proto__":{"admin":true},"a":[1,{"b":"c"}]})");
  EXPECT_EQ(document.doc_type, "document");
  EXPECT_EQ(document.invoice_no, Field());
  EXPECT_EQ(document.text, "admin: true\na: 1\nb: c\n");
}
