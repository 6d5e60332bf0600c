#!/usr/bin/env python3
"""Writes the binary documents of tests/fixtures/documents, always the same bytes.

    tests/support/documents.py tests/fixtures/documents
"""
import pathlib
import sys
import zipfile
import zlib


def pdf(objects):
    out = b"%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def stream(data, entries=b""):
    packed = zlib.compress(data, 9)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), entries, packed)


def zugferd(xml):
    lines = [
        (60, 700, b"Beispiel Technik GmbH"), (60, 640, b"Muster Handel AG"), (60, 560, b"Rechnung"),
        (330, 560, b"Rechnungsnummer:"), (450, 560, b"RE-2026-0815"), (330, 545, b"Rechnungsdatum:"), (450, 545, b"24.11.2026"),
        (330, 420, b"Gesamtbetrag:"), (450, 420, b"119,00 EUR"), (60, 360, b"Zahlbar bis 08.12.2026"), (60, 345, b"IBAN DE02 1203 0000 0000 2020 51"),
    ]
    page = b"BT /F1 10 Tf ET\n" + b"".join(b"BT /F1 10 Tf %d %d Td (%s) Tj ET\n" % line for line in lines)
    return pdf([
        b"<< /Type /Catalog /Pages 2 0 R /AF [7 0 R] /Names << /EmbeddedFiles << /Names [(factur-x.xml) 7 0 R] >> >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        stream(page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        stream(xml, b"/Type /EmbeddedFile /Subtype /text#2Fxml"),
        b"<< /Type /Filespec /F (factur-x.xml) /UF (factur-x.xml) /AFRelationship /Alternative /EF << /F 6 0 R /UF 6 0 R >> >>",
    ])


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def relations(*pairs):
    rows = "".join(f'<Relationship Id="rId{i}" Type="{OFFICE}/{kind}" Target="{target}"/>' for i, (kind, target) in enumerate(pairs, 1))
    return f'<Relationships xmlns="{PACKAGE}">{rows}</Relationships>'


def workbook():
    strings = ["Rechnungsnummer:", "RE-2026-0816", "Rechnungsdatum:", "Fällig am:", "Lieferant:", "Beispiel Technik GmbH", "Kunde:", "Muster Handel AG",
               "Gesamtbetrag:", "IBAN:", "DE02 1203 0000 0000 2020 51"]
    text = {value: index for index, value in enumerate(strings)}

    def row(number, label, value, attributes=""):
        if isinstance(value, str):
            value, attributes = text[value], ' t="s"'
        return f'<row r="{number}"><c r="A{number}" t="s"><v>{text[label]}</v></c><c r="C{number}"{attributes}><v>{value}</v></c></row>'

    rows = [row(1, "Rechnungsnummer:", "RE-2026-0816"), row(2, "Rechnungsdatum:", 46350, ' s="1"'), row(3, "Fällig am:", 46364, ' s="1"'),
            row(5, "Lieferant:", "Beispiel Technik GmbH"), row(6, "Kunde:", "Muster Handel AG"), row(9, "Gesamtbetrag:", 1190.5, ' s="2"'),
            row(10, "IBAN:", "DE02 1203 0000 0000 2020 51")]
    shared = "".join(f"<si><t>{value}</t></si>" for value in strings)
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                               '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                               f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
                               f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/>'
                               f'<Override PartName="/xl/sharedStrings.xml" ContentType="{types}.sharedStrings+xml"/>'
                               f'<Override PartName="/xl/styles.xml" ContentType="{types}.styles+xml"/></Types>',
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Rechnung" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.00\\ &quot;€&quot;"/></numFmts>'
                         '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>',
    }


def write_zip(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 24, 0, 0, 0)), content.encode(), zipfile.ZIP_DEFLATED)


def main():
    folder = pathlib.Path(sys.argv[1])
    whole = zugferd((folder / "xrechnung-cii.xml").read_bytes())
    (folder / "zugferd.pdf").write_bytes(whole)
    (folder / "damaged.pdf").write_bytes(whole[: len(whole) // 3])
    write_zip(folder / "invoice.xlsx", workbook())
    (folder / "bank.csv").write_bytes("\r\n".join([
        '"Umsatzanzeige";"Girokonto"', '"IBAN";"DE02 1203 0000 0000 2020 51"', '"Zeitraum";"01.11.2026 - 24.11.2026"', "",
        '"Buchungstag";"Wertstellung";"Begünstigter/Auftraggeber";"Verwendungszweck";"IBAN";"Betrag";"Währung"',
        '"24.11.2026";"25.11.2026";"Müller & Söhne";"RE-2026-0801; danke";"DE02500105170137075030";"1.234,56";"EUR"',
        '"23.11.2026";"23.11.2026";"Stadtwerke Musterstadt";"Abschlag ""Strom"" November";"DE02300209000106531065";"-85,20";"EUR"',
        '"Endsaldo";"";"";"";"";"2.149,36";"EUR"', ""]).encode("iso-8859-1"))


main()
