// XML: what is refused, and the fields of invoices in UBL and CII.
#include <gtest/gtest.h>

#include "unit/documents.hpp"

using support::Field;
using support::fixture;
using support::flags_of;
using support::read;
using support::refusal_of;
using support::replaced;

namespace {

std::string ubl() { return fixture("xrechnung-ubl.xml"); }
std::string cii() { return fixture("xrechnung-cii.xml"); }

// The values that all variants of the fixtures must keep.
void expect_cii_values(const extract::Document& document) {
  EXPECT_EQ(document.invoice_no, Field("RE-2026-0815"));
  EXPECT_EQ(document.amount, Field("119.00"));
  EXPECT_EQ(document.currency, Field("EUR"));
  EXPECT_EQ(document.issue_date, Field("2026-11-24"));
  EXPECT_EQ(document.due_date, Field("2026-12-08"));
  EXPECT_EQ(document.seller_name, Field("Beispiel Technik GmbH"));
  EXPECT_EQ(document.seller_vat, Field("DE123456789"));
  EXPECT_EQ(document.buyer_name, Field("Muster Handel AG"));
  EXPECT_EQ(document.iban, Field("DE02120300000000202051"));
}

std::string replaced_all(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
  return text;
}

// The CII fixture in the names and namespaces of ZUGFeRD 1.0.
std::string zugferd1() {
  auto text = cii();
  text = replaced_all(text, "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "urn:ferd:CrossIndustryDocument:invoice:1p0");
  text = replaced_all(text, "BusinessInformationEntity:100", "BusinessInformationEntity:12");
  text = replaced_all(text, "UnqualifiedDataType:100", "UnqualifiedDataType:15");
  text = replaced_all(text, "rsm:CrossIndustryInvoice", "rsm:CrossIndustryDocument");
  text = replaced_all(text, "rsm:ExchangedDocument>", "rsm:HeaderExchangedDocument>");
  text = replaced_all(text, "rsm:SupplyChainTradeTransaction", "rsm:SpecifiedSupplyChainTradeTransaction");
  text = replaced_all(text, "ApplicableHeaderTrade", "ApplicableSupplyChainTrade");
  return replaced_all(text, "SpecifiedTradeSettlementHeaderMonetarySummation", "SpecifiedTradeSettlementMonetarySummation");
}

}  // namespace

TEST(Xml, ADeclaredEntityIsRefusedWhateverItIs) {
  for (const auto declaration : {R"(<!ENTITY a "b">)", R"(<!ENTITY a SYSTEM "file:///etc/passwd">)", R"(<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;)",
                                 R"(<!NOTATION n SYSTEM "x"><!ENTITY a SYSTEM "b.gif" NDATA n>)"}) {
    EXPECT_EQ(refusal_of("<!DOCTYPE x [" + std::string(declaration) + "]><x>&a;</x>"), "parse_error/entity_declaration") << declaration;
  }
}

TEST(Xml, AnExternalDocumentTypeIsNotLoaded) {
  EXPECT_EQ(refusal_of(replaced(ubl(), "<Invoice ", "<!DOCTYPE Invoice SYSTEM \"file:///etc/passwd\">\n<Invoice ")), "");
}

TEST(Xml, ThatIsCutOffGivesNothing) {
  const auto whole = ubl();
  EXPECT_EQ(refusal_of(whole.substr(0, whole.size() - 5)), "parse_error/damaged");
  EXPECT_EQ(refusal_of(whole.substr(0, whole.size() / 2)), "parse_error/damaged");
  EXPECT_EQ(refusal_of("<?xml version=\"1.0\"?>"), "parse_error/damaged");
}

TEST(Xml, NestingAndSizeHaveLimits) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_EQ(refusal_of(deep), "parse_error/too_deep");
  std::string wide = "<a>";
  for (int i = 0; i < 50; ++i) wide += "<b c='1'/>";
  wide += "</a>";
  EXPECT_EQ(refusal_of(wide, {.max_nodes = 100}), "parse_error/too_many_entries");
  EXPECT_EQ(refusal_of(wide, {.max_nodes = 101}), "");
}

TEST(Xml, TextAroundCommentsAndCdataBelongsTogether) {
  const auto document = read(replaced(replaced(ubl(), "RE-2026-0814", "RE-<!-- 1 -->2026<![CDATA[-08]]>&#49;4"), "<cbc:RegistrationName>Beispiel Technik GmbH",
                                      "<cbc:RegistrationName>A<!---->B &amp; <![CDATA[C <GmbH>]]>"));
  EXPECT_EQ(document.invoice_no, Field("RE-2026-0814"));
  EXPECT_EQ(document.seller_name, Field("AB & C <GmbH>"));
}

TEST(Xml, OtherPrefixesAndEncodingsAreTheSameDocument) {
  auto other = replaced_all(replaced_all(ubl(), "cbc:", "x:"), ":cbc=", ":x=");
  EXPECT_EQ(read("\xEF\xBB\xBF" + other).invoice_no, Field("RE-2026-0814"));
  auto latin = replaced(ubl(), "encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"");
  EXPECT_EQ(read(replaced(latin, "Muster Handel AG", "M\xFCster")).buyer_name, Field("Müster"));
}

TEST(Xml, AnUnknownNamespaceIsNoInvoice) {
  const auto document = read(replaced(ubl(), "CommonBasicComponents-2", "CommonBasicComponents-99"));
  EXPECT_EQ(document.doc_type, "document");
  EXPECT_EQ(document.syntax, "xml");
  EXPECT_EQ(document.invoice_no, Field());
}

TEST(Xml, TheTextHasNamesAndValuesButNoAttachments) {
  const auto document =
      read(replaced(ubl(), "<cac:AccountingSupplierParty>",
                    "<cac:AdditionalDocumentReference><cac:Attachment><cbc:EmbeddedDocumentBinaryObject>QkFTRTY0</cbc:EmbeddedDocumentBinaryObject>"
                    "</cac:Attachment></cac:AdditionalDocumentReference><cac:AccountingSupplierParty>"));
  EXPECT_NE(document.text.find("RegistrationName: Beispiel Technik GmbH\n"), std::string::npos);
  EXPECT_NE(document.text.find("Name: Schrauben, verzinkt\n"), std::string::npos);
  EXPECT_EQ(document.text.find("QkFTRTY0"), std::string::npos);
  const auto cut = read(ubl(), {.max_text_bytes = 100});
  EXPECT_LE(cut.text.size(), 100U);
  EXPECT_EQ(flags_of(cut), "cut");
}

TEST(Ubl, FieldsComeFromTheirPaths) {
  const auto document = read(ubl());
  EXPECT_EQ(document.doc_type, "invoice");
  EXPECT_EQ(document.syntax, "ubl");
  EXPECT_EQ(document.invoice_no, Field("RE-2026-0814"));
  EXPECT_EQ(document.amount, Field("100.00"));
  EXPECT_EQ(document.gross_total, Field("119.00"));
  EXPECT_EQ(document.currency, Field("EUR"));
  EXPECT_EQ(document.issue_date, Field("2026-11-24"));
  EXPECT_EQ(document.due_date, Field("2026-12-08"));
  EXPECT_EQ(document.seller_name, Field("Beispiel Technik GmbH"));
  EXPECT_EQ(document.seller_vat, Field("DE123456789"));
  EXPECT_EQ(document.buyer_name, Field("Muster Handel AG"));
  EXPECT_EQ(document.iban, Field("DE02120300000000202051"));
  EXPECT_EQ(flags_of(document), "");
}

TEST(Ubl, CreditNotesAreTold) {
  auto note = replaced_all(replaced_all(ubl(), "<Invoice", "<CreditNote"), "</Invoice>", "</CreditNote>");
  note = replaced(note, "xsd:Invoice-2", "xsd:CreditNote-2");
  note = replaced(note, "<cbc:DueDate>2026-12-08</cbc:DueDate>", "");
  note = replaced(note, "<cbc:PaymentMeansCode>", "<cbc:PaymentDueDate>2026-12-09</cbc:PaymentDueDate><cbc:PaymentMeansCode>");
  const auto document = read(note);
  EXPECT_EQ(document.doc_type, "credit_note");
  EXPECT_EQ(document.due_date, Field("2026-12-09"));
  EXPECT_EQ(read(replaced(ubl(), ">380<", ">381<")).doc_type, "credit_note");
  EXPECT_EQ(read(replaced(ubl(), ">380<", ">384<")).doc_type, "invoice");
}

TEST(Ubl, ATradingNameStandsInForAMissingName) {
  const auto without = replaced(ubl(), "<cac:PartyLegalEntity><cbc:RegistrationName>Beispiel Technik GmbH</cbc:RegistrationName></cac:PartyLegalEntity>", "");
  EXPECT_EQ(read(without).seller_name, Field("Beispiel Technik"));
}

TEST(Ubl, ATaxNumberIsNoVatNumber) { EXPECT_EQ(read(replaced(ubl(), ">VAT<", ">FC<")).seller_vat, Field()); }

TEST(Ubl, WhatIsNoAmountOrNoDateIsLeftOutAndFlagged) {
  for (const auto wrong : {"99999999999999999999", "0x7F", "1.234,56", "1e2"}) {
    const auto document = read(replaced(ubl(), "EUR\">100.00</cbc:PayableAmount>", std::string("EUR\">") + wrong + "</cbc:PayableAmount>"));
    EXPECT_EQ(document.amount, Field()) << wrong;
    EXPECT_EQ(document.invoice_no, Field("RE-2026-0814")) << wrong;
    EXPECT_EQ(flags_of(document), "amount_unclear") << wrong;
  }
  const auto blank = read(replaced(ubl(), "EUR\">100.00</cbc:PayableAmount>", "EUR\"> \n</cbc:PayableAmount>"));
  EXPECT_EQ(blank.amount, Field());
  const auto dated = read(replaced(ubl(), "2026-11-24", "2025-02-31"));
  EXPECT_EQ(dated.issue_date, Field());
  EXPECT_EQ(flags_of(dated), "date_unclear");
  EXPECT_EQ(read(replaced(ubl(), ">EUR<", ">Euro<")).currency, Field());
}

TEST(Ubl, AccountsAreChecked) {
  const auto wrong = read(replaced(ubl(), "2020 51", "2020 52"));
  EXPECT_EQ(wrong.iban, Field("DE02120300000000202052"));
  EXPECT_EQ(flags_of(wrong), "iban_checksum");
  EXPECT_EQ(read(replaced(ubl(), "DE02 1203 0000 0000 2020 51", "44421800")).iban, Field());
  const auto two = read(replaced(ubl(), "</cac:PaymentMeans>",
                                 "</cac:PaymentMeans><cac:PaymentMeans><cac:PayeeFinancialAccount><cbc:ID>DE02500105170137075030</cbc:ID>"
                                 "</cac:PayeeFinancialAccount></cac:PaymentMeans>"));
  EXPECT_EQ(two.iban, Field("DE02120300000000202051"));
  EXPECT_EQ(flags_of(two), "several_ibans");
}

TEST(Cii, FieldsComeFromTheirPaths) {
  const auto document = read(cii());
  EXPECT_EQ(document.syntax, "cii");
  EXPECT_EQ(document.doc_type, "invoice");
  EXPECT_EQ(document.gross_total, Field("119.00"));
  expect_cii_values(document);
  EXPECT_EQ(flags_of(document), "");
}

TEST(Cii, Zugferd1HasOtherNames) {
  const auto document = read(zugferd1());
  EXPECT_EQ(document.syntax, "zugferd1");
  expect_cii_values(document);
}

TEST(Cii, TheReleaseCandidateOfZugferd1HasNoNamespacesBelowItsRoot) {
  auto text = replaced_all(replaced_all(zugferd1(), "<ram:", "<"), "</ram:", "</");
  text = replaced(text, "urn:ferd:CrossIndustryDocument:invoice:1p0", "urn:un:unece:uncefact:data:standard:CBFBUY:5");
  text = replaced_all(text, "rsm:CrossIndustryDocument", "rsm:Invoice");
  text = replaced(text, "<IssueDateTime><udt:DateTimeString format=\"102\">20261124</udt:DateTimeString></IssueDateTime>",
                  "<IssueDateTime format=\"102\">20261124</IssueDateTime>");
  text = replaced(text, "<DueDateDateTime><udt:DateTimeString format=\"102\">20261208</udt:DateTimeString></DueDateDateTime>",
                  "<DueDateDateTime format=\"102\">20261208</DueDateDateTime>");
  expect_cii_values(read(text));
}

TEST(Cii, AnOrderAsksForNoPayment) {
  auto order = replaced_all(cii(), "CrossIndustryInvoice:100", "X");
  order = replaced(order, "urn:un:unece:uncefact:data:standard:X", "urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100");
  order = replaced_all(order, "rsm:CrossIndustryInvoice", "rsm:SCRDMCCBDACIOMessageStructure");
  order = replaced_all(order, "Entity:100", "Entity:128");
  order = replaced_all(order, "DataType:100", "DataType:128");
  order = replaced_all(order, "InvoiceCurrencyCode", "OrderCurrencyCode");
  order = replaced(order, "format=\"102\">20261124", "format=\"203\">202611241030");
  const auto document = read(order);
  EXPECT_EQ(document.doc_type, "order");
  EXPECT_EQ(document.invoice_no, Field("RE-2026-0815"));
  EXPECT_EQ(document.issue_date, Field("2026-11-24"));
  EXPECT_EQ(document.currency, Field("EUR"));
  EXPECT_EQ(document.amount, Field());
  EXPECT_EQ(document.gross_total, Field("119.00"));
}

TEST(Cii, WithoutAnAmountDueTheTotalIsDue) {
  EXPECT_EQ(read(replaced(cii(), "<ram:DuePayableAmount>119.00</ram:DuePayableAmount>", "")).amount, Field("119.00"));
  EXPECT_EQ(read(replaced(cii(), "<ram:DuePayableAmount>119.00", "<ram:DuePayableAmount>")).amount, Field());
}

TEST(Cii, OfTwoTotalsTheOneInTheCurrencyOfTheInvoiceIsGiven) {
  const auto document = read(replaced(cii(), "<ram:GrandTotalAmount>119.00</ram:GrandTotalAmount>",
                                      "<ram:GrandTotalAmount currencyID=\"GBP\">101.00</ram:GrandTotalAmount>"
                                      "<ram:GrandTotalAmount currencyID=\"EUR\">119.00</ram:GrandTotalAmount>"));
  EXPECT_EQ(document.gross_total, Field("119.00"));
}

TEST(Cii, TheAccountToBeDebitedIsNotTheAccountToPayTo) {
  const auto document = read(replaced(cii(), "<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>DE02120300000000202051</ram:IBANID>",
                                      "<ram:PayeePartyCreditorFinancialAccount><ram:ProprietaryID>202051</ram:ProprietaryID>"));
  EXPECT_EQ(document.iban, Field());
}

TEST(Cii, TheFirstOfSeveralDueDatesIsGivenAndFlagged) {
  const auto document =
      read(replaced(cii(), "</ram:SpecifiedTradePaymentTerms>",
                    "</ram:SpecifiedTradePaymentTerms><ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>"
                    "<udt:DateTimeString format=\"102\">20261201</udt:DateTimeString></ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>"));
  EXPECT_EQ(document.due_date, Field("2026-12-08"));
  EXPECT_EQ(flags_of(document), "several_due_dates");
}

TEST(Cii, ADateInAnUnknownFormatIsLeftOutAndFlagged) {
  const auto unknown = read(replaced(cii(), "format=\"102\">20261124", "format=\"1020\">20261124"));
  EXPECT_EQ(unknown.issue_date, Field());
  EXPECT_EQ(flags_of(unknown), "date_unclear");
  EXPECT_EQ(read(replaced(cii(), " format=\"102\">20261124", ">20261124")).issue_date, Field("2026-11-24"));
}
