// PDFs: the invoice inside, wherever it hangs, and the page beside it.
#include <gtest/gtest.h>

#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFWriter.hh>

#include "unit/documents.hpp"
#include "unit/pdf_writer.hpp"

using support::Field;
using support::fixture;
using support::flags_of;
using support::PdfWriter;
using support::read;
using support::refusal_of;
using support::replaced;

namespace {

std::string stream(std::string_view content, std::string_view entries = "") {
  return fmt::format("<< /Length {} {} >>\nstream\n{}\nendstream", content.size(), entries, content);
}

constexpr std::string_view plain_page = "BT /F1 10 Tf 1 0 0 1 60 700 Tm (Rechnung) Tj ET";

// A page below a catalog with `entries`; the page has `page_entries`. Further objects count from 6.
std::string pdf(std::string_view entries, const std::vector<std::string>& further, std::string_view page_entries = "", std::string_view content = plain_page) {
  std::vector<std::string> objects{
      fmt::format("<< /Type /Catalog /Pages 2 0 R {} >>", entries), "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> {} >>", page_entries),
      stream(content), "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"};
  objects.insert(objects.end(), further.begin(), further.end());
  return PdfWriter::file_of(objects);
}

std::string file(std::string_view name, int stream_object) { return fmt::format("<< /Type /Filespec /UF ({}) /EF << /F {} 0 R >> >>", name, stream_object); }

std::string invoice(std::string_view number) { return replaced(fixture("xrechnung-cii.xml"), "RE-2026-0815", number); }

}  // namespace

TEST(Pdf, TheEmbeddedInvoiceIsRead) {
  const auto document = read(fixture("zugferd.pdf"));
  EXPECT_EQ(document.syntax, "facturx");
  EXPECT_EQ(document.doc_type, "invoice");
  EXPECT_EQ(document.invoice_no, Field("RE-2026-0815"));
  EXPECT_EQ(document.seller_vat, Field("DE123456789"));
  EXPECT_EQ(flags_of(document), "");
  EXPECT_NE(document.text.find("Gesamtbetrag"), std::string::npos) << "the text is that of the page";
}

TEST(Pdf, APageThatSaysOtherwiseIsFlaggedAndTheXmlWins) {
  const auto names = "/Names << /EmbeddedFiles << /Names [(factur-x.xml) 7 0 R] >> >>";
  const auto page = "BT /F1 10 Tf 1 0 0 1 60 700 Tm (Rechnung) Tj 0 -40 Td (Rechnungsnummer: RE-9) Tj 0 -20 Td (Gesamtbetrag: 999,00 EUR) Tj ET";
  const auto document = read(pdf(names, {stream(invoice("RE-1")), file("factur-x.xml", 6)}, "", page));
  EXPECT_EQ(document.invoice_no, Field("RE-1"));
  EXPECT_EQ(document.amount, Field("119.00"));
  EXPECT_EQ(flags_of(document), "page_disagrees_with_xml");
}

TEST(Pdf, TheTreeOfEmbeddedFilesIsWalkedWhole) {
  // Two levels, wrong limits, and a branch that leads back to its root.
  const auto document = read(pdf("/Names << /EmbeddedFiles 8 0 R >>", {stream(invoice("RE-1")), file("factur-x.xml", 6), "<< /Kids [8 0 R 9 0 R 10 0 R] >>",
                                                                       "<< /Limits [(a) (b)] /Names [(a) 7 0 R] >>", "<< /Limits [(x) (y)] /Kids [8 0 R] >>"}));
  EXPECT_EQ(document.invoice_no, Field("RE-1"));
}

TEST(Pdf, AssociatedFilesAndAnnotationsAreTheSecondWayIn) {
  const std::vector<std::string> objects{stream(invoice("RE-1")), file("factur-x.xml", 6)};
  EXPECT_EQ(read(pdf("/AF [7 0 R]", objects)).invoice_no, Field("RE-1"));
  EXPECT_EQ(read(pdf("", objects, "/AF [7 0 R]")).invoice_no, Field("RE-1"));
  EXPECT_EQ(read(pdf("", objects, "/Annots [<< /Type /Annot /Subtype /FileAttachment /FS 7 0 R >>]")).invoice_no, Field("RE-1"));
  // A tree that holds other files does not close it.
  const auto other = "/AF [7 0 R] /Names << /EmbeddedFiles << /Names [(a.xml) 9 0 R] >> >>";
  EXPECT_EQ(read(pdf(other, {objects[0], objects[1], stream("<a/>"), file("a.xml", 8)})).invoice_no, Field("RE-1"));
}

TEST(Pdf, FacturXWinsOverZugferdInvoiceAndBothOverOtherNames) {
  const std::vector<std::string> objects{stream(invoice("RE-other")),    file("other.xml", 6),          stream(invoice("RE-zugferd")),
                                         file("ZUGFeRD-invoice.xml", 8), stream(invoice("RE-facturx")), file("factur-x.xml", 10)};
  EXPECT_EQ(read(pdf("/AF [7 0 R 9 0 R 11 0 R]", objects)).invoice_no, Field("RE-facturx"));
  EXPECT_EQ(read(pdf("/AF [7 0 R 9 0 R]", objects)).invoice_no, Field("RE-zugferd"));
  EXPECT_EQ(read(pdf("/AF [7 0 R]", objects)).invoice_no, Field("RE-other"));
}

TEST(Pdf, AnInvoiceThatCannotBeReadLeavesThePageAndAFlag) {
  const auto document = read(pdf("/AF [7 0 R]", {stream("<?xml version='1.0'?><broken"), file("factur-x.xml", 6)}));
  EXPECT_EQ(document.syntax, "pdf");
  EXPECT_EQ(document.flags.empty(), false);
  EXPECT_NE(flags_of(document).find("xml_unreadable"), std::string::npos);
  EXPECT_EQ(document.invoice_no, Field());
}

TEST(Pdf, AnInvoiceThatDeclaresEntitiesIsRefused) {
  const auto attack = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" + invoice("&e;").substr(invoice("&e;").find('\n'));
  EXPECT_EQ(refusal_of(pdf("/AF [7 0 R]", {stream(attack), file("factur-x.xml", 6)})), "parse_error/entity_declaration");
}

TEST(Pdf, WhatUnpacksToTooMuchIsNoInvoice) {
  const auto document = read(pdf("/AF [7 0 R]", {stream(invoice("RE-1")), file("factur-x.xml", 6)}), {.max_unpacked_bytes = 1000});
  EXPECT_EQ(document.invoice_no, Field());
}

TEST(Pdf, AnObjectStreamThatUnpacksToTooMuchIsRefused) {
  // A cross-reference stream says that object 6 lies in object stream 7.
  const std::string packed = "6 0 << >>" + std::string(5000, ' ');
  auto text = pdf("", {});
  text.resize(text.find("xref\n"));
  std::string offsets;
  const auto entry = [&](int type, std::size_t second) {
    offsets += static_cast<char>(type);
    offsets += static_cast<char>(second >> 8U);
    offsets += static_cast<char>(second & 0xFFU);
  };
  entry(0, 0);
  for (int number = 1; number <= 5; ++number) entry(1, text.find(fmt::format("\n{} 0 obj", number)) + 1);
  entry(2, 7);
  entry(1, text.size());
  text += "7 0 obj\n" + stream(packed, "/Type /ObjStm /N 1 /First 4") + "\nendobj\n";
  const auto start = text.size();
  entry(1, start);
  text += "8 0 obj\n" + stream(offsets, "/Type /XRef /Size 9 /W [1 2 0] /Root 1 0 R") + fmt::format("\nendobj\nstartxref\n{}\n%%EOF\n", start);
  EXPECT_EQ(refusal_of(text), "");
  EXPECT_EQ(refusal_of(text, {.max_unpacked_bytes = 4000}), "parse_error/unpacked_size");
}

TEST(Pdf, ThatNeedsAPasswordIsEncryptedAndNotDamaged) {
  const auto plain = fixture("zugferd.pdf");
  const auto encrypted = [&](const char* user_password) {
    QPDF document;
    document.processMemoryFile("plain", plain.data(), plain.size());
    QPDFWriter writer(document);
    writer.setOutputMemory();
    writer.setR6EncryptionParameters(user_password, "owner", true, true, true, true, true, true, qpdf_r3p_full, true);
    writer.write();
    const auto out = writer.getBufferSharedPointer();
    return std::string(reinterpret_cast<const char*>(out->getBuffer()), out->getSize());
  };
  EXPECT_EQ(refusal_of(encrypted("user")), "parse_error/encrypted");
  EXPECT_EQ(read(encrypted("")).invoice_no, Field("RE-2026-0815")) << "a password for changes only";
}

TEST(Pdf, DamageThatCannotBeRepairedIsRefused) {
  EXPECT_EQ(refusal_of(fixture("damaged.pdf")), "parse_error/damaged");
  EXPECT_EQ(refusal_of("%PDF-1.7\n"), "parse_error/damaged");
  EXPECT_EQ(refusal_of(PdfWriter::file_of({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"})), "parse_error/damaged");
}

TEST(Pdf, ATailOrAHeadOfOtherBytesIsForgiven) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\n" + fixture("zugferd.pdf") + std::string(3000, 'x')).invoice_no, Field("RE-2026-0815"));
}

TEST(Pdf, APageTreeThatRunsInCirclesIsRefused) {
  EXPECT_EQ(refusal_of(PdfWriter::file_of({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>",
                                           "<< /Type /Pages /Kids [2 0 R] /Parent 2 0 R /Count 1 >>"})),
            "parse_error/damaged");
}

TEST(Pdf, NestingHasALimit) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(refusal_of(PdfWriter::file_of(
                {"<< /Type /Catalog /Pages 2 0 R /X " + deep + std::string(deep.size(), ']') + " >>", "<< /Type /Pages /Kids [] /Count 0 >>"})),
            "parse_error/too_deep");
}

TEST(Pdf, PagesBelowATreeThatLiesAreReadFromANewOne) {
  auto text = pdf("", {});
  text = replaced(text, "/Count 1 ", "/Count 1000000000");
  const auto document = read(text);
  EXPECT_EQ(document.text, "Rechnung\n");
  EXPECT_NE(flags_of(document).find("repaired"), std::string::npos);
}
