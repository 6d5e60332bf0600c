// Pages of PDFs to fields: one small PDF for each rule.
#include "extract/page.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>

#include "extract/pdf_shape.hpp"
#include "unit/pdf_writer.hpp"

using support::PdfWriter;

namespace {

extract::Page page_of(const std::string& bytes, const extract::Limits& limits = {}) {
  auto result = extract::read_pages(bytes, limits);
  if (const auto* refusal = std::get_if<extract::Refusal>(&result)) {
    ADD_FAILURE() << refusal->error_class;
    return {};
  }
  return std::get<extract::Page>(std::move(result));
}

extract::Document read(const PdfWriter& pdf) { return page_of(pdf.bytes()).fields; }

std::string refusal_of(const std::string& bytes, const extract::Limits& limits = {}) {
  const auto result = extract::read_pages(bytes, limits);
  const auto* refusal = std::get_if<extract::Refusal>(&result);
  return refusal == nullptr ? "" : refusal->reason + '/' + refusal->error_class;
}

using Field = std::optional<std::string>;

// A letter as German companies write it; each test adds to it or writes another.
PdfWriter german_letter() {
  PdfWriter pdf;
  pdf.page()
      .text(60, 130, "Muster GmbH • Hauptstr. 1 • 10115 Berlin", 7)
      .text(60, 145, "Beispiel AG")
      .text(60, 158, "Frau Erika Beispiel")
      .text(60, 171, "Nebenweg 2")
      .text(60, 184, "20095 Hamburg")
      .text(60, 250, "Rechnung", 16)
      .text(360, 250, "Rechnungsnummer:")
      .text(470, 250, "RE-2026/0815")
      .text(360, 264, "Rechnungsdatum:")
      .text(470, 264, "24.11.2026")
      .text(360, 278, "Kundennummer:")
      .text(470, 278, "10042")
      .text(60, 320, "Bezeichnung")
      .text(300, 320, "Menge")
      .text(470, 320, "Gesamtpreis")
      .text(60, 334, "Schrauben")
      .text(300, 334, "10")
      .text(470, 334, "1.000,00 €")
      .text(360, 380, "Zwischensumme")
      .text(470, 380, "1.000,00 €")
      .text(360, 394, "zzgl. 19 % MwSt.")
      .text(470, 394, "190,00 €")
      .text(360, 408, "Rechnungsbetrag")
      .text(470, 408, "1.190,00 €")
      .text(60, 450, "Bitte überweisen Sie den Betrag bis zum 08.12.2026 auf unser Konto.")
      .text(60, 780, "Muster GmbH", 8)
      .text(220, 780, "USt-IdNr. DE136695976", 8)
      .text(400, 780, "IBAN DE02 1203 0000 0000 2020 51", 8)
      .text(280, 820, "Seite 1 von 1", 8);
  return pdf;
}

// The least that makes pages an invoice, with room for one more thing.
PdfWriter plain_invoice() {
  PdfWriter pdf;
  pdf.page().text(60, 100, "Invoice", 16).text(60, 130, "Invoice No.: 4711-26").text(60, 145, "Invoice date: 24 Nov 2026");
  return pdf;
}

}  // namespace

TEST(Page, ReadsAGermanLetter) {
  const auto fields = read(german_letter());
  EXPECT_EQ(fields.doc_type, "invoice");
  EXPECT_EQ(fields.syntax, "pdf");
  EXPECT_EQ(fields.invoice_no, Field("RE-2026/0815"));
  EXPECT_EQ(fields.issue_date, Field("2026-11-24"));
  EXPECT_EQ(fields.due_date, Field("2026-12-08"));
  EXPECT_EQ(fields.gross_total, Field("1190.00"));
  EXPECT_EQ(fields.amount, Field("1190.00"));
  EXPECT_EQ(fields.currency, Field("EUR"));
  EXPECT_EQ(fields.seller_name, Field("Muster GmbH"));
  EXPECT_EQ(fields.seller_vat, Field("DE136695976"));
  EXPECT_EQ(fields.buyer_name, Field("Beispiel AG"));
  EXPECT_EQ(fields.iban, Field("DE02120300000000202051"));
  EXPECT_TRUE(fields.flags.empty());
}

TEST(Page, ReadsAnEnglishInvoiceWithLabelsAboveTheirValues) {
  PdfWriter pdf;
  pdf.page()
      .text(60, 60, "INVOICE", 20)
      .text(60, 100, "Bill to:")
      .text(60, 114, "Example Corporation")
      .text(60, 128, "5 High Street")
      .text(60, 142, "London SW1B 3BN")
      .text(60, 200, "Invoice Number")
      .text(200, 200, "Invoice Date")
      .text(340, 200, "Due Date")
      .text(460, 200, "Salesperson")
      .text(60, 214, "INV-000123")
      .text(200, 214, "March 3, 2026")
      .text(340, 214, "2 April 2026")
      .text(460, 214, "Jane Doe")
      .text(400, 300, "Subtotal")
      .text(500, 300, "$1,000.00")
      .text(400, 314, "Sales Tax")
      .text(500, 314, "$80.00")
      .text(400, 328, "Total")
      .text(500, 328, "$1,080.00");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.doc_type, "invoice");
  EXPECT_EQ(fields.invoice_no, Field("INV-000123"));
  EXPECT_EQ(fields.issue_date, Field("2026-03-03"));
  EXPECT_EQ(fields.due_date, Field("2026-04-02"));
  EXPECT_EQ(fields.amount, Field("1080.00"));
  EXPECT_EQ(fields.currency, Field("USD"));
  EXPECT_EQ(fields.buyer_name, Field("Example Corporation"));
  EXPECT_EQ(fields.seller_name, Field());
}

TEST(Page, ReadsAFrenchInvoice) {
  PdfWriter pdf;
  pdf.page()
      .text(60, 60, "Facture FA-2026-0010", 16)
      .text(60, 100, "Date de facture")
      .text(180, 100, "13/11/2026")
      .text(60, 114, "Date d'échéance")
      .text(180, 114, "05/12/2026")
      .text(60, 128, "N° TVA client")
      .text(180, 128, "FR19787878784")
      .text(360, 300, "Total HT")
      .text(480, 300, "1 624,90 €")
      .text(360, 314, "Total TTC")
      .text(480, 314, "1 949,88 €")
      .text(360, 328, "Solde à payer")
      .text(480, 328, "449,88 €")
      .text(60, 780, "TVA : FR 11 999 999 998 - SIRET : 99999999800010");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.doc_type, "invoice");
  EXPECT_EQ(fields.invoice_no, Field("FA-2026-0010"));
  EXPECT_EQ(fields.issue_date, Field("2026-11-13"));
  EXPECT_EQ(fields.due_date, Field("2026-12-05"));
  EXPECT_EQ(fields.gross_total, Field("1949.88"));
  EXPECT_EQ(fields.amount, Field("449.88"));
  EXPECT_EQ(fields.seller_vat, Field("FR11999999998"));
}

TEST(Page, ReadsTheTitleWithNumberAndDate) {
  PdfWriter pdf;
  pdf.page().text(60, 100, "Handelsrechnung (380) Nr. 471102 vom 05.06.2018").text(60, 300, "Zahlbetrag").text(200, 300, "529,87 EUR");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.doc_type, "invoice");
  EXPECT_EQ(fields.invoice_no, Field("471102"));
  EXPECT_EQ(fields.issue_date, Field("2018-06-05"));
}

TEST(Page, ReadsATitleInSpacedLettersAndACreditNote) {
  PdfWriter pdf;
  pdf.page()
      .text(60, 100, "G U T S C H R I F T")
      .text(60, 130, "Gutschrift-Nr. GS-77")
      .text(60, 145, "Belegdatum 01.02.2026")
      .text(60, 300, "Gesamtbetrag -8,79 EUR");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.doc_type, "credit_note");
  EXPECT_EQ(fields.invoice_no, Field("GS-77"));
  EXPECT_EQ(fields.amount, Field("-8.79"));
}

TEST(Page, TakesNoMonthAndNoOtherInvoiceForTheInvoiceNumber) {
  const auto titled = [](std::string_view title) {
    PdfWriter pdf;
    pdf.page()
        .text(60, 100, title, 14)
        .text(60, 145, "Rechnungsdatum: 24.11.2026")
        .text(60, 300, "Gesamtbetrag: 119,00 €")
        .text(60, 780, "USt-IdNr. DE136695976");
    return read(pdf).invoice_no;
  };
  EXPECT_EQ(titled("Rechnung 10/4711"), Field("10/4711"));
  EXPECT_EQ(titled("Rechnung 11/2026"), Field());
  EXPECT_EQ(titled("Rechnung 2026"), Field());
  EXPECT_EQ(titled("Stornorechnung zu Rechnung Nr. 4711"), Field());
  EXPECT_EQ(titled("Korrektur zu Rechnung Nr. 4711"), Field());
}

TEST(Page, ReadsTheNumberUnderItsTitle) {
  PdfWriter pdf;
  pdf.page().text(60, 100, "RECHNUNG", 16).text(60, 122, "Nr. 17/2026").text(400, 122, "Wien, 07.01.2026").text(60, 300, "Gesamtbetrag: EUR 300,00");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.invoice_no, Field("17/2026"));
  EXPECT_EQ(fields.issue_date, Field("2026-01-07"));
}

TEST(Page, TakesNoOtherNumberForTheInvoiceNumber) {
  PdfWriter pdf;
  pdf.page()
      .text(60, 100, "Rechnung", 16)
      .text(60, 130, "Rechnungsnummer:")
      .text(330, 130, "4711 Musterstadt")
      .text(60, 145, "Kundennummer: 10042")
      .text(60, 160, "Rechnungsdatum: 24.11.2026")
      .text(60, 300, "Gesamtbetrag: 119,00 €")
      .text(60, 320, "Bitte geben Sie die Rechnungsnummer an.")
      .text(60, 780, "USt-IdNr. DE136695976")
      .text(280, 820, "Rechnung Seite 1/1", 8);
  const auto fields = read(pdf);
  EXPECT_EQ(fields.doc_type, "invoice");
  EXPECT_EQ(fields.invoice_no, Field());
}

TEST(Page, LeavesOutANumberThatIsGivenTwiceDifferently) {
  auto pdf = plain_invoice();
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 300, "Total due: 119.00 EUR")).invoice_no, Field("4711-26"));
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 300, "Total due: 119.00 EUR").text(300, 130, "Invoice No.: 4712-26").text(300, 500, "VAT No. DE136695976")).invoice_no,
            Field());
}

TEST(Page, LeavesOutANumberOfWhichNobodyKnowsTheEnd) {
  PdfWriter pdf;
  pdf.page()
      .text(60, 100, "Rechnung", 16)
      .text(60, 130, "Rechnungs-Nr.: 2026 123")
      .text(60, 145, "Rechnungsdatum: 24.11.2026")
      .text(60, 300, "Gesamtbetrag: 119,00 €");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.doc_type, "invoice");
  EXPECT_EQ(fields.invoice_no, Field());
}

TEST(Page, DecidesBetweenTotalsByArithmetic) {
  auto pdf = plain_invoice();
  pdf.text(300, 300, "Net amount").text(450, 300, "100.00 EUR").text(300, 314, "VAT 19 %").text(450, 314, "19.00 EUR");
  pdf.text(300, 328, "Total amount").text(450, 328, "119.00 EUR").text(300, 342, "Invoice amount").text(450, 342, "219.00 EUR");
  EXPECT_EQ(read(pdf).gross_total, Field("119.00"));
}

TEST(Page, TakesASumThatIsStillToBeTaxedForNoTotal) {
  auto pdf = plain_invoice();
  pdf.text(300, 300, "Gesamtsumme")
      .text(450, 300, "100,00 EUR")
      .text(300, 314, "MwSt. 19 %")
      .text(450, 314, "19,00 EUR")
      .text(300, 328, "Zu zahlen")
      .text(450, 328, "119,00 EUR");
  EXPECT_EQ(read(pdf).gross_total, Field("119.00"));
}

TEST(Page, LeavesOutTotalsThatNothingDecides) {
  auto pdf = plain_invoice();
  pdf.text(300, 328, "Total amount").text(450, 328, "119.00 EUR").text(300, 342, "Invoice amount").text(450, 342, "219.00 EUR");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.gross_total, Field());
  EXPECT_EQ(fields.amount, Field());
}

TEST(Page, TakesAPlainSumOnlyWhereItAddsUp) {
  auto pdf = plain_invoice();
  pdf.text(300, 300, "Summe").text(450, 300, "100,00 EUR").text(300, 314, "MwSt. 19 %").text(450, 314, "19,00 EUR");
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 328, "Gesamt").text(450, 328, "119,00 EUR")).gross_total, Field("119.00"));
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 328, "Gesamt").text(450, 328, "118,00 EUR")).gross_total, Field());
}

TEST(Page, TakesAPlainTotalOnlyWhereNothingIsLarger) {
  auto pdf = plain_invoice().text(60, 300, "Hosting").text(450, 300, "50.00 EUR").text(300, 328, "Total (EUR)").text(450, 328, "60.00");
  EXPECT_EQ(read(PdfWriter(pdf)).gross_total, Field("60.00"));
  EXPECT_EQ(read(PdfWriter(pdf)).currency, Field("EUR"));
  EXPECT_EQ(read(PdfWriter(pdf).text(450, 400, "61.00 EUR")).gross_total, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 314, "Subtotal").text(450, 314, "50.00 EUR")).gross_total, Field());
}

TEST(Page, ReadsALineOfNetTaxAndGross) {
  auto pdf = plain_invoice();
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 300, "Gesamtsumme").text(200, 300, "376,37").text(300, 300, "71,51").text(400, 300, "447,88")).gross_total,
            Field("447.88"));
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 300, "Gesamtsumme").text(200, 300, "376,37").text(300, 300, "71,51").text(400, 300, "447,98")).gross_total, Field());
}

TEST(Page, PrefersTheCurrencyThatIsNamed) {
  auto pdf = plain_invoice().text(60, 300, "Amount due: 5.00").text(60, 500, "Tax in EUR 1.00");
  EXPECT_EQ(read(PdfWriter(pdf)).currency, Field("EUR"));
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 160, "Currency").text(200, 160, "GBP")).currency, Field("GBP"));
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 520, "Tax in CHF 1.00")).currency, Field());
  EXPECT_EQ(read(plain_invoice().text(60, 300, "Amount due: $5.00").text(60, 500, "All prices in CAD.")).currency, Field());
}

TEST(Page, ReadsATableOfSums) {
  auto pdf = plain_invoice();
  pdf.text(100, 300, "Nettobetrag").text(220, 300, "MwSt-Betrag").text(320, 300, "MwSt-%").text(420, 300, "Endbetrag");
  pdf.text(100, 314, "4,85").text(220, 314, "0,92").text(320, 314, "19,0").text(420, 314, "5,77");
  pdf.text(100, 328, "2,82").text(220, 328, "0,20").text(320, 328, "7,0").text(420, 328, "3,02");
  const auto without_sum = read(pdf);
  EXPECT_EQ(without_sum.gross_total, Field());
  pdf.text(100, 342, "7,67").text(220, 342, "1,12").text(320, 342, "EUR").text(420, 342, "8,79");
  EXPECT_EQ(read(pdf).gross_total, Field("8.79"));
}

TEST(Page, TakesTheSumOfNothingElseForTheTotal) {
  auto pdf = plain_invoice();
  pdf.text(300, 286, "Gesamtbetrag der Zuschläge").text(450, 286, "30,00 EUR").text(300, 300, "Rechnungssumme ohne USt.").text(450, 300, "858,75 EUR");
  pdf.text(300, 314, "Bruttosumme").text(450, 314, "1021,91 EUR");
  EXPECT_EQ(read(pdf).gross_total, Field("1021.91"));
}

TEST(Page, LeavesOutThePayableAmountWhereSomethingWasPaid) {
  auto pdf = plain_invoice();
  pdf.text(300, 300, "Grand total").text(450, 300, "100.00 EUR").text(300, 314, "Already paid").text(450, 314, "30.00 EUR");
  const auto unsaid = read(pdf);
  EXPECT_EQ(unsaid.gross_total, Field("100.00"));
  EXPECT_EQ(unsaid.amount, Field());
  EXPECT_EQ(read(pdf.text(300, 328, "Amount due").text(450, 328, "70.00 EUR")).amount, Field("70.00"));
}

TEST(Page, ReadsAmountsOfAllPunctuations) {
  const auto amount = [](std::string_view text) { return read(plain_invoice().text(60, 300, fmt::format("Amount due: {}", text))).amount; };
  EXPECT_EQ(amount("1.234,56 €"), Field("1234.56"));
  EXPECT_EQ(amount("€1,234.56"), Field("1234.56"));
  EXPECT_EQ(amount("1 234,56 EUR"), Field("1234.56"));
  EXPECT_EQ(amount("CHF 1'234.56"), Field("1234.56"));
  EXPECT_EQ(amount("1234.56"), Field("1234.56"));
  EXPECT_EQ(amount("-0,05 EUR"), Field("-0.05"));
  EXPECT_EQ(amount("0,05- EUR"), Field("-0.05"));
  EXPECT_EQ(amount("1.234 EUR"), Field("1234.00"));
  EXPECT_EQ(amount("1.234"), Field());
  EXPECT_EQ(amount("12.34.56 EUR"), Field());
  EXPECT_EQ(amount("1,2345 EUR"), Field());
  EXPECT_EQ(amount("99999999999999999,00 EUR"), Field());
}

TEST(Page, ReadsDatesOfAllLanguages) {
  const auto date = [](std::string_view text) {
    PdfWriter pdf;
    pdf.page()
        .text(60, 100, "Invoice", 16)
        .text(60, 130, "Invoice No.: 4711-26")
        .text(60, 145, fmt::format("Invoice date: {}", text))
        .text(60, 300, "Amount due: 5.00 EUR");
    return read(pdf).issue_date;
  };
  EXPECT_EQ(date("24.11.2026"), Field("2026-11-24"));
  EXPECT_EQ(date("4.1.26"), Field("2026-01-04"));
  EXPECT_EQ(date("2026-11-24"), Field("2026-11-24"));
  EXPECT_EQ(date("24. November 2026"), Field("2026-11-24"));
  EXPECT_EQ(date("3. März 2026"), Field("2026-03-03"));
  EXPECT_EQ(date("1er août 2026"), Field("2026-08-01"));
  EXPECT_EQ(date("Nov. 3rd, 2026"), Field("2026-11-03"));
  EXPECT_EQ(date("24-Nov-2026"), Field("2026-11-24"));
  EXPECT_EQ(date("11/24/2026"), Field("2026-11-24"));
  EXPECT_EQ(date("24/11/2026"), Field("2026-11-24"));
  EXPECT_EQ(date("03/04/2026"), Field());
  EXPECT_EQ(date("31.02.2026"), Field());
}

TEST(Page, LearnsTheOrderOfSlashDatesFromAnotherDate) {
  auto pdf = PdfWriter()
                 .page()
                 .text(60, 100, "Invoice", 16)
                 .text(60, 130, "Invoice No.: 4711-26")
                 .text(60, 145, "Invoice date: 03/04/2026")
                 .text(60, 300, "Amount due: 5.00 EUR");
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 145, "Due date: 04/25/2026")).issue_date, Field("2026-03-04"));
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 145, "Due date: 25/04/2026")).issue_date, Field("2026-04-03"));
}

TEST(Page, TakesAPlainDateOnlyBesideTheParticularsOfTheInvoice) {
  PdfWriter pdf;
  pdf.page().text(60, 100, "Invoice #4711-26").text(60, 300, "Amount due: 5.00 EUR").text(60, 780, "VAT No. DE136695976");
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 150, "Date:").text(200, 150, "24 Nov 2026")).issue_date, Field("2026-11-24"));
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 150, "Invoice No.").text(200, 150, "Date").text(60, 164, "4711-26").text(200, 164, "24 Nov 2026")).issue_date,
            Field("2026-11-24"));
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 450, "Payment").text(200, 450, "Date").text(60, 464, "Visa").text(200, 464, "24 Nov 2026")).issue_date, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 150, "Date: 24 Nov 2026").text(300, 150, "Date: 25 Nov 2026")).issue_date, Field());
}

TEST(Page, TakesNoDateOfPrintOrDeliveryForTheInvoiceDate) {
  PdfWriter pdf;
  pdf.page()
      .text(60, 100, "Rechnung Nr. 4711")
      .text(60, 130, "Lieferdatum: 20.11.2026")
      .text(60, 300, "Zahlbetrag: 5,00 EUR")
      .text(60, 780, "USt-IdNr. DE136695976")
      .text(60, 820, "Datum: 25.11.2026")
      .text(200, 820, "Zeit: 04:59:13");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.doc_type, "invoice");
  EXPECT_EQ(fields.issue_date, Field());
}

TEST(Page, TakesNoDayOfPaymentsReceivedForTheDueDate) {
  const auto with = [](std::string_view sentence) { return read(plain_invoice().text(60, 300, "Amount due: 5.00 EUR").text(60, 400, sentence)).due_date; };
  EXPECT_EQ(with("Zahlungen bis 31.10.2026 sind berücksichtigt."), Field());
  EXPECT_EQ(with("Anzahl der Tage bis 31.10.2026"), Field());
  EXPECT_EQ(with("Bitte begleichen Sie den Betrag bis spätestens 31.10.2026."), Field("2026-10-31"));
}

TEST(Page, TakesNoDayOfADiscountForTheDueDate) {
  auto pdf = plain_invoice().text(60, 300, "Amount due: 5.00 EUR");
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 400, "Zahlbar bis 04.12.2026 mit 2 % Skonto")).due_date, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 400, "Zahlbar 30 Tage netto bis 24.12.2026, bis 04.12.2026 2 % Skonto")).due_date, Field("2026-12-24"));
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 400, "Bitte zahlen Sie den Betrag bis zum").text(60, 412, "24.12.2026 auf unser Konto.")).due_date,
            Field("2026-12-24"));
}

TEST(Page, TellsTheSellersVatIdFromTheCustomers) {
  auto pdf = plain_invoice().text(60, 300, "Amount due: 5.00 EUR");
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 100, "Your VAT ID: DE427984273").text(60, 780, "VAT-ID: DE202526944")).seller_vat, Field("DE202526944"));
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 100, "Kundennummer: K0100077603").text(300, 113, "USt-IdNr.: DE199952957").text(60, 780, "USt-IdNr. DE812871812"))
                .seller_vat,
            Field("DE812871812"));
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 100, "VAT-ID: DE427984273").text(60, 780, "VAT-ID: DE202526944")).seller_vat, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 780, "VAT-ID: DE20252694")).seller_vat, Field());
}

TEST(Page, KeepsTheColumnsOfSellerAndBuyerApart) {
  auto pdf = plain_invoice().text(60, 500, "Amount due: 5.00 EUR");
  pdf.text(60, 200, "Verkäufer:")
      .text(60, 214, "Muster GmbH")
      .text(60, 228, "Hauptstr. 1")
      .text(60, 242, "10115 Berlin")
      .text(60, 256, "USt-IdNr. DE136695976");
  pdf.text(320, 200, "Käufer:")
      .text(320, 214, "Beispiel AG")
      .text(320, 228, "Nebenweg 2")
      .text(320, 242, "20095 Hamburg")
      .text(320, 256, "USt-IdNr. DE129273398");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.seller_name, Field("Muster GmbH"));
  EXPECT_EQ(fields.buyer_name, Field("Beispiel AG"));
  EXPECT_EQ(fields.seller_vat, Field("DE136695976"));
}

TEST(Page, ReadsNamesOfATableAndLeavesOutThoseOfTwoLines) {
  auto pdf = plain_invoice().text(60, 500, "Amount due: 5.00 EUR");
  pdf.text(60, 200, "Verkäufer").text(60, 214, "Nummer:").text(200, 214, "549910").text(60, 228, "Name:").text(200, 228, "Lieferant GmbH");
  pdf.text(60, 300, "Käufer")
      .text(60, 314, "Nummer:")
      .text(200, 314, "4711")
      .text(200, 326, "Versicherungsverein")
      .text(60, 332, "Name:")
      .text(200, 338, "Musterstadt AG");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.seller_name, Field("Lieferant GmbH"));
  EXPECT_EQ(fields.buyer_name, Field());
}

TEST(Page, CompletesTheNameOfTheSenderLine) {
  auto pdf = plain_invoice().text(60, 500, "Amount due: 5.00 EUR");
  pdf.text(60, 190, "Alphabet, Lilienthalallee 26, 80786 München", 7);
  EXPECT_EQ(read(PdfWriter(pdf)).seller_name, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 60, "Alphabet Fuhrparkmanagement GmbH")).seller_name, Field("Alphabet Fuhrparkmanagement GmbH"));
}

TEST(Page, TakesTheOneCompanyOfTheFooterForTheSeller) {
  auto pdf = plain_invoice().text(60, 500, "Amount due: 5.00 EUR");
  pdf.text(60, 780, "Acme Ltd., 42 Milky Way, Faraway");
  EXPECT_EQ(read(PdfWriter(pdf)).seller_name, Field("Acme Ltd."));
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 780, "Volksbank AG")).seller_name, Field("Acme Ltd."));
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 780, "A company of Holding AG")).seller_name, Field("Acme Ltd."));
  EXPECT_EQ(read(PdfWriter(pdf).text(300, 780, "Other GmbH")).seller_name, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 770, "The Great")).seller_name, Field());  // the first line of a name of two
}

TEST(Page, TakesNoRecipientOfGoodsForTheBuyer) {
  auto pdf = plain_invoice().text(60, 500, "Amount due: 5.00 EUR");
  pdf.text(60, 200, "Ship to:").text(60, 214, "Depot Ltd.").text(60, 228, "London SW1B 3BN").text(60, 242, "VAT No: GB123456789");
  const auto fields = read(pdf);
  EXPECT_EQ(fields.buyer_name, Field());
  EXPECT_EQ(fields.seller_vat, Field());
}

TEST(Page, ReadsANameBesideItsHeadingAndWithoutSalutation) {
  auto pdf = plain_invoice().text(60, 500, "Amount due: 5.00 EUR");
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 200, "Bill to").text(60, 214, "5 High Street").text(60, 228, "London SW1B 3BN")).buyer_name, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 200, "Bill to").text(60, 214, "1&1 Telecom GmbH").text(60, 228, "10115 Berlin")).buyer_name,
            Field("1&1 Telecom GmbH"));
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 200, "Customer: Example Ltd")).buyer_name, Field("Example Ltd"));
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 200, "Customer: 10042")).buyer_name, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 200, "Rechnungsempfänger").text(60, 214, "Herrn Max Muster").text(60, 228, "10115 Berlin")).buyer_name,
            Field("Max Muster"));
}

TEST(Page, DecidesBetweenIbansByTheirCheckDigits) {
  auto pdf = plain_invoice().text(60, 300, "Amount due: 5.00 EUR");
  const auto both = read(PdfWriter(pdf).text(60, 400, "IBAN: DE02 1203 0000 0000 2020 52").text(60, 420, "IBAN: DE02 1203 0000 0000 2020 51"));
  EXPECT_EQ(both.iban, Field("DE02120300000000202051"));
  EXPECT_TRUE(both.flags.empty());
  const auto wrong = read(PdfWriter(pdf).text(60, 400, "IBAN: DE02 1203 0000 0000 2020 52, BIC: BYLADEM1001"));
  EXPECT_EQ(wrong.iban, Field("DE02120300000000202052"));
  EXPECT_EQ(wrong.flags, std::vector<std::string>{"iban_checksum"});
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 400, "IBAN: DE02 1203 0000 0000 2020 51").text(60, 420, "IBAN: DE88 2008 0000 0970 3757 00")).iban, Field());
}

TEST(Page, TakesNoAccountThatIsDebited) {
  auto pdf = plain_invoice().text(60, 300, "Amount due: 5.00 EUR");
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 400, "Wird von Konto DE02120300000000202051 abgebucht")).iban, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 400, "Der Betrag wird von folgendem Konto abgebucht.").text(60, 413, "IBAN: DE02120300000000202051")).iban, Field());
  EXPECT_EQ(read(PdfWriter(pdf).text(60, 400, "Ihre IBAN: DE88 2008 0000 0970 3757 00").text(60, 780, "IBAN: DE02120300000000202051")).iban,
            Field("DE02120300000000202051"));
}

TEST(Page, JoinsAnIbanThatIsBrokenInItsColumn) {
  auto pdf = plain_invoice().text(60, 300, "Amount due: 5.00 EUR");
  pdf.text(60, 760, "Bank").text(200, 760, "IBAN").text(60, 773, "Weltbank").text(200, 773, "DE02 1203 0000 0000").text(200, 785, "2020 51");
  EXPECT_EQ(read(pdf).iban, Field("DE02120300000000202051"));
}

TEST(Page, NeedsMoreThanAWordToBeAnInvoice) {
  PdfWriter letter;
  letter.page()
      .text(60, 100, "Rechnung", 16)
      .text(60, 130, "Wir melden uns wegen Ihrer Rechnung über 119,00 € vom 24.11.2026.")
      .text(60, 150, "IBAN DE02120300000000202051");
  const auto fields = read(letter);
  EXPECT_EQ(fields.doc_type, "document");
  EXPECT_EQ(fields.iban, Field());
}

TEST(Page, TakesAReminderOrAnOrderForNoInvoice) {
  const auto titled = [](std::string_view title) {
    PdfWriter pdf;
    pdf.page()
        .text(60, 100, title, 16)
        .text(60, 130, "Rechnungsnummer: 4711-26")
        .text(60, 145, "Rechnungsdatum: 24.11.2026")
        .text(60, 300, "Gesamtbetrag: 119,00 €");
    return read(pdf);
  };
  EXPECT_EQ(titled("Rechnung").doc_type, "invoice");
  EXPECT_EQ(titled("Mahnung").doc_type, "document");
  EXPECT_EQ(titled("Mahnung").invoice_no, Field());
  EXPECT_EQ(titled("Bestellung").doc_type, "order");
  EXPECT_EQ(titled("Kontoauszug").doc_type, "bank_statement");
}

TEST(Page, GivesTheTextInReadingOrder) {
  PdfWriter pdf;
  pdf.page().text(300, 100, "right").text(60, 200, "below").text(60, 100, "left of it");
  pdf.page().text(60, 100, "next page");
  const auto page = page_of(pdf.bytes());
  EXPECT_EQ(page.fields.text, "left of it\tright\nbelow\n\nnext page\n");
  EXPECT_EQ(page.pages, 2U);
  EXPECT_TRUE(page.has_text);
}

TEST(Page, ReadsRotatedPages) {
  PdfWriter turned;
  turned.page(90).text(60, 100, "page").text(60, 300, "turned");
  EXPECT_EQ(read(turned).text, "page\nturned\n");
  PdfWriter upside_down;
  upside_down.page(180).text(60, 100, "page").text(60, 300, "turned");
  EXPECT_EQ(read(upside_down).text, "page\nturned\n");
  PdfWriter sideways;
  sideways.page().upward(100, 700, "Invoice No.: 4711-26").upward(115, 700, "Invoice date: 24 Nov 2026").upward(130, 700, "Amount due: 5.00 EUR");
  const auto fields = read(sideways);
  EXPECT_EQ(fields.text, "Invoice No.: 4711-26\nInvoice date: 24 Nov 2026\nAmount due: 5.00 EUR\n");
  EXPECT_EQ(fields.invoice_no, Field("4711-26"));
}

// A sandbox has no files: glibc would not find its conversions, and every text would be empty.
TEST(PageDeathTest, OpensNoFileOncePrepared) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto read_sealed = [] {
    extract::prepare_pages();
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_NOFILE, &none) != 0) std::exit(2);
    std::exit(page_of(german_letter().bytes()).fields.invoice_no == Field("RE-2026/0815") ? 0 : 1);
  };
  EXPECT_EXIT(read_sealed(), testing::ExitedWithCode(0), "");
}

TEST(Page, AsksForOcrWhereThereIsNoText) {
  const auto page = page_of(PdfWriter().page().bytes());
  EXPECT_FALSE(page.has_text);
  EXPECT_EQ(page.fields.doc_type, "document");
  EXPECT_EQ(page.fields.flags, std::vector<std::string>{"needs_ocr"});
}

TEST(Page, CutsTextAndPagesAtTheirLimits) {
  PdfWriter pdf;
  pdf.page().text(60, 100, "ääää").page().text(60, 100, "second").page().text(60, 100, "third");
  extract::Limits limits;
  limits.max_text_bytes = 5;
  const auto text = page_of(pdf.bytes(), limits).fields;
  EXPECT_EQ(text.text, "ää");
  EXPECT_EQ(text.flags, std::vector<std::string>{"cut"});
  limits = {};
  limits.max_pages = 2;
  const auto pages = page_of(pdf.bytes(), limits).fields;
  EXPECT_EQ(pages.text, "ääää\n\nsecond\n");
  EXPECT_EQ(pages.flags, std::vector<std::string>{"cut"});
}

TEST(Page, RefusesWhatIsNoPdf) {
  EXPECT_EQ(refusal_of(""), "parse_error/empty");
  EXPECT_EQ(refusal_of("hello"), "parse_error/damaged");
  EXPECT_EQ(refusal_of("%PDF-1.7\n"), "parse_error/damaged");
  EXPECT_EQ(refusal_of(german_letter().bytes().substr(0, 300)), "parse_error/damaged");
}

TEST(Page, RefusesPageTreesThatLoopOrLie) {
  const std::string catalog = "<< /Type /Catalog /Pages 2 0 R >>";
  EXPECT_EQ(refusal_of(PdfWriter::file_of({catalog, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"})), "parse_error/damaged");
  EXPECT_EQ(refusal_of(PdfWriter::file_of({catalog, "<< /Type /Pages /Kids [] /Count 1000000000 >>"})), "parse_error/damaged");
}

TEST(Page, RefusesDeepNestingBeforeAnythingParsesIt) {
  const auto nested = [](std::size_t depth) {
    return PdfWriter::file_of(
        {"<< /Type /Catalog /Pages 2 0 R /X " + std::string(depth, '[') + std::string(depth, ']') + " >>", "<< /Type /Pages /Kids [] /Count 0 >>"});
  };
  EXPECT_EQ(refusal_of(nested(100'000)), "parse_error/too_deep");
  extract::Limits limits;
  limits.max_depth = 11;
  EXPECT_EQ(refusal_of(nested(11), limits), "parse_error/too_deep");  // and the dictionary around it
  EXPECT_EQ(refusal_of(nested(10), limits), "parse_error/damaged");
}

namespace {

// A page whose contents are `stream` (dictionary and all), with one form that it may call.
std::string drawing(const std::string& stream, const std::string& form) {
  return PdfWriter::file_of({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /XObject << /Fm 5 0 R >> >> >>",
                             "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [4 0 R 4 0 R] >>", stream, form});
}

std::string stream_of(std::size_t length, std::string_view more = "") {
  return fmt::format("<< /Length {} {} >>\nstream\n{}\nendstream", length, more, std::string(length, ' '));
}

// What the whole reader of PDFs says, which looks at contents before any text is read.
std::string verdict(const std::string& pdf) {
  extract::Limits limits;
  limits.max_unpacked_bytes = 1000;
  const auto result = extract::extract(pdf, "application/pdf", limits);
  const auto* refusal = std::get_if<extract::Refusal>(&result);
  return refusal == nullptr ? "read" : refusal->error_class;
}

}  // namespace

TEST(PageContents, AreUnpackedUpToALimitOnceForAllPagesAndForms) {
  EXPECT_EQ(verdict(drawing(stream_of(600), stream_of(400, "/Subtype /Form"))), "read");
  EXPECT_EQ(verdict(drawing(stream_of(600), stream_of(401, "/Subtype /Form"))), "unpacked_size");
  EXPECT_EQ(verdict(drawing(stream_of(1001), stream_of(0, "/Subtype /Form"))), "unpacked_size");
  EXPECT_EQ(verdict(drawing(stream_of(600), stream_of(5000, "/Subtype /Image"))), "read");
  EXPECT_EQ(verdict(drawing(stream_of(600), stream_of(10, "/Subtype /Form /Resources << /XObject << /Fm 5 0 R >> >>"))), "read");
}

TEST(PageContents, ThatArePicturesAreRefused) {
  EXPECT_EQ(verdict(drawing(stream_of(10, "/Filter /JBIG2Decode"), stream_of(10))), "damaged");
  EXPECT_EQ(verdict(drawing(stream_of(10, "/Filter [/FlateDecode /DCTDecode]"), stream_of(10))), "damaged");
  EXPECT_EQ(verdict(drawing(stream_of(10), stream_of(10, "/Subtype /Form /Filter /JPXDecode"))), "damaged");
  EXPECT_EQ(verdict(drawing(stream_of(10), stream_of(10, "/Subtype /Image /Filter /JPXDecode"))), "read");
}

TEST(PdfShape, CountsArraysAndDictionariesOutsideOfStringsCommentsAndStreams) {
  constexpr std::size_t enough = 100;
  EXPECT_EQ(extract::nesting_of_pdf("", enough), 0U);
  EXPECT_EQ(extract::nesting_of_pdf("[ << /A [ ] >> ] [ ]", enough), 3U);
  EXPECT_EQ(extract::nesting_of_pdf("([[[[) <5B5B> %[[[[\n[ ]", enough), 1U);
  EXPECT_EQ(extract::nesting_of_pdf("(\\([[ ( [[ ) [[) [", enough), 1U);
  EXPECT_EQ(extract::nesting_of_pdf("<< >> stream\n[[[[[ endstream [ ]", enough), 1U);
  EXPECT_EQ(extract::nesting_of_pdf("[[[ endobj [ ]", enough), 3U);
  EXPECT_EQ(extract::nesting_of_pdf("]]]] [ ]", enough), 1U);
  EXPECT_EQ(extract::nesting_of_pdf(std::string(1'000'000, '['), enough), enough);
  EXPECT_EQ(extract::nesting_of_pdf("(((", enough), 0U);
}
