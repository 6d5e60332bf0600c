#include "extract/page_label.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include "extract/characters.hpp"

namespace extract {
namespace {

using Entry = std::pair<std::string_view, Label>;

constexpr auto entries = std::to_array<Entry>({
    {"rechnungsnummer", Label::number},
    {"rechnungsnr", Label::number},
    {"rechnungnr", Label::number},
    {"rechnungno", Label::number},
    {"rechnungid", Label::number},
    {"rgnr", Label::number},
    {"renr", Label::number},
    {"belegnummer", Label::number},
    {"belegnr", Label::number},
    {"gutschriftnr", Label::number},
    {"gutschriftsnr", Label::number},
    {"gutschriftsnummer", Label::number},
    {"gutschriftnummer", Label::number},
    {"stornorechnungnr", Label::number},
    {"rechnungskorrekturnr", Label::number},
    {"invoicenumber", Label::number},
    {"invoiceno", Label::number},
    {"invoicenr", Label::number},
    {"invoicenum", Label::number},
    {"invoiceid", Label::number},
    {"taxinvoicenr", Label::number},
    {"billnumber", Label::number},
    {"billno", Label::number},
    {"billnr", Label::number},
    {"creditnotenumber", Label::number},
    {"creditnoteno", Label::number},
    {"creditnotenr", Label::number},
    {"creditmemonumber", Label::number},
    {"creditmemono", Label::number},
    {"factureno", Label::number},
    {"facturen", Label::number},
    {"facturenr", Label::number},
    {"facturenumero", Label::number},
    {"ndefacture", Label::number},
    {"nfacture", Label::number},
    {"numerodefacture", Label::number},
    {"numerofacture", Label::number},
    {"avoirn", Label::number},
    {"avoirno", Label::number},
    {"ndavoir", Label::number},
    {"numerodavoir", Label::number},

    {"rechnungsdatum", Label::date},
    {"datumderrechnung", Label::date},
    {"rechnungsdat", Label::date},
    {"rechnungsdatumlieferdatum", Label::date},
    {"rechnungsdatumleistungsdatum", Label::date},
    {"rechnungsundlieferdatum", Label::date},
    {"rechnungsundleistungsdatum", Label::date},
    {"lieferrechnungsdatum", Label::date},
    {"invoicetaxdate", Label::date},
    {"rechnungvom", Label::date},
    {"belegdatum", Label::date},
    {"ausstellungsdatum", Label::date},
    {"gutschriftsdatum", Label::date},
    {"gutschriftdatum", Label::date},
    {"invoicedate", Label::date},
    {"dateofinvoice", Label::date},
    {"invoicedated", Label::date},
    {"dateofissue", Label::date},
    {"issuedate", Label::date},
    {"dateissued", Label::date},
    {"issuedon", Label::date},
    {"billdate", Label::date},
    {"billingdate", Label::date},
    {"creditnotedate", Label::date},
    {"taxpointdate", Label::foreign_date},
    {"datedefacture", Label::date},
    {"datedelafacture", Label::date},
    {"datefacture", Label::date},
    {"datedefacturation", Label::date},
    {"datedemission", Label::date},
    {"datedavoir", Label::date},

    {"datum", Label::any_date},
    {"date", Label::any_date},
    {"taxdate", Label::any_date},
    {"issued", Label::any_date},
    {"ausgestelltam", Label::any_date},
    {"erstelltam", Label::any_date},

    {"falligkeitsdatum", Label::due},
    {"falligkeit", Label::due},
    {"falligam", Label::due},
    {"fallig", Label::due},
    {"falligbis", Label::due},
    {"zufallenam", Label::due},
    {"zahlbarbis", Label::due},
    {"zahlbarbiszum", Label::due},
    {"zahlbaram", Label::due},
    {"zuzahlenbis", Label::due},
    {"zahlungbis", Label::due},
    {"zahlungszielbis", Label::due},
    {"zahlungsziel", Label::due},
    {"zahlungsfrist", Label::due},
    {"ohneabzugbis", Label::due_net},
    {"ohneabzugbiszum", Label::due_net},
    {"ohneabschlagbis", Label::due_net},
    {"nettobis", Label::due_net},
    {"nettobiszum", Label::due_net},
    {"duedate", Label::due},
    {"paymentduedate", Label::due},
    {"paymentdue", Label::due},
    {"paymentdueby", Label::due},
    {"paymentdueon", Label::due},
    {"dueon", Label::due},
    {"dueby", Label::due},
    {"due", Label::due},
    {"payby", Label::due},
    {"payableby", Label::due},
    {"pleasepayby", Label::due},
    {"datedecheance", Label::due},
    {"echeance", Label::due},
    {"dateecheance", Label::due},
    {"datelimitedepaiement", Label::due},
    {"apayeravantle", Label::due},

    {"zahlbetrag", Label::payable},
    {"zuzahlenderbetrag", Label::payable},
    {"zuzahlen", Label::payable},
    {"zuuberweisenderbetrag", Label::payable},
    {"falligerbetrag", Label::payable},
    {"offenerbetrag", Label::payable},
    {"restbetrag", Label::payable},
    {"nochzuzahlen", Label::payable},
    {"amountdue", Label::payable},
    {"totalamountdue", Label::payable},
    {"totaldue", Label::payable},
    {"balancedue", Label::payable},
    {"amounttopay", Label::payable},
    {"amountpayable", Label::payable},
    {"totalpayable", Label::payable},
    {"totalamountpayable", Label::payable},
    {"totaltopay", Label::payable},
    {"payableamount", Label::payable},
    {"soldeapayer", Label::payable},
    {"netapayer", Label::payable},
    {"montantapayer", Label::payable},
    {"totalapayer", Label::payable},
    {"resteapayer", Label::payable},
    {"montantdu", Label::payable},

    {"bruttosumme", Label::gross},
    {"bruttobetrag", Label::gross},
    {"brutto", Label::gross},
    {"summebrutto", Label::gross},
    {"gesamtbrutto", Label::gross},
    {"gesamtbetragbrutto", Label::gross},
    {"gesamtsummebrutto", Label::gross},
    {"bruttogesamt", Label::gross},
    {"bruttogesamtbetrag", Label::gross},
    {"bruttorechnungsbetrag", Label::gross},
    {"rechnungssummebrutto", Label::gross},
    {"rechnungsbetragbrutto", Label::gross},
    {"rechnungssumme", Label::gross},
    {"rechnungsbetrag", Label::gross},
    {"rechnungsendbetrag", Label::gross},
    {"rechnungsgesamtbetrag", Label::gross},
    {"rechnungsbeitrag", Label::gross},
    {"gesamtrechnungsbetrag", Label::gross},
    {"gesamtbetrag", Label::gross},
    {"gesamtsumme", Label::gross},
    {"gesamtpreis", Label::gross},
    {"endsumme", Label::gross},
    {"endbetrag", Label::gross},
    {"gesamtbetraginklmwst", Label::gross},
    {"gesamtbetraginklust", Label::gross},
    {"gesamtinklmwst", Label::gross},
    {"gesamtinklust", Label::gross},
    {"gutschriftsbetrag", Label::gross},
    {"grandtotal", Label::gross},
    {"grosstotal", Label::gross},
    {"totalgross", Label::gross},
    {"grossamount", Label::gross},
    {"totalgrossamount", Label::gross},
    {"totalinclvat", Label::gross},
    {"totalincvat", Label::gross},
    {"totalincludingvat", Label::gross},
    {"totalincltax", Label::gross},
    {"totalinctax", Label::gross},
    {"totalincludingtax", Label::gross},
    {"totalamount", Label::gross},
    {"invoicetotal", Label::gross},
    {"invoiceamount", Label::gross},
    {"totalinvoiceamount", Label::gross},
    {"totalttc", Label::gross},
    {"montantttc", Label::gross},
    {"montanttotalttc", Label::gross},
    {"totaltoutestaxescomprises", Label::gross},

    {"total", Label::any_total},
    {"summe", Label::any_total},
    {"gesamt", Label::any_total},
    {"summegesamt", Label::any_total},

    {"netto", Label::net},
    {"nettobetrag", Label::net},
    {"nettosumme", Label::net},
    {"summenetto", Label::net},
    {"gesamtnetto", Label::net},
    {"nettogesamt", Label::net},
    {"nettogesamtbetrag", Label::net},
    {"gesamtbetragnetto", Label::net},
    {"gesamtsummenetto", Label::net},
    {"rechnungssummenetto", Label::net},
    {"rechnungsbetragnetto", Label::net},
    {"rechnungssummeohneust", Label::net},
    {"zwischensumme", Label::net},
    {"zwischensummenetto", Label::net},
    {"warenwert", Label::net},
    {"positionennetto", Label::net},
    {"subtotal", Label::net},
    {"nettotal", Label::net},
    {"totalnet", Label::net},
    {"netamount", Label::net},
    {"totalbeforetax", Label::net},
    {"totalexclvat", Label::net},
    {"totalexcludingvat", Label::net},
    {"totalexcludingtax", Label::net},
    {"totalexcltax", Label::net},
    {"totalht", Label::net},
    {"montantht", Label::net},
    {"soustotal", Label::net},
    {"totalhorstaxes", Label::net},
    {"totalnetht", Label::net},

    {"mwst", Label::tax},
    {"ust", Label::tax},
    {"mwstbetrag", Label::tax},
    {"ustbetrag", Label::tax},
    {"umsatzsteuer", Label::tax},
    {"umsatzsteuerbetrag", Label::tax},
    {"mehrwertsteuer", Label::tax},
    {"steuerbetrag", Label::tax},
    {"steuer", Label::tax},
    {"ustgesamt", Label::tax},
    {"mwstgesamt", Label::tax},
    {"versicherungsteuer", Label::tax},
    {"versicherungssteuer", Label::tax},
    {"vat", Label::tax},
    {"vattotal", Label::tax},
    {"vatamount", Label::tax},
    {"tax", Label::tax},
    {"salestax", Label::tax},
    {"taxtotal", Label::tax},
    {"taxamount", Label::tax},
    {"totaltax", Label::tax},
    {"totaltaxes", Label::tax},
    {"totalvat", Label::tax},
    {"taxes", Label::tax},
    {"tva", Label::tax},
    {"totaltva", Label::tax},
    {"montanttva", Label::tax},

    {"bereitsbezahlt", Label::paid},
    {"bereitsgezahlt", Label::paid},
    {"erhalteneanzahlungen", Label::paid},
    {"erhalteneanzahlung", Label::paid},
    {"anzahlung", Label::paid},
    {"anzahlungen", Label::paid},
    {"abzglanzahlung", Label::paid},
    {"geleistetezahlungen", Label::paid},
    {"alreadypaid", Label::paid},
    {"amountpaid", Label::paid},
    {"paid", Label::paid},
    {"prepaid", Label::paid},
    {"prepaidamount", Label::paid},
    {"paymentsreceived", Label::paid},
    {"deposit", Label::paid},
    {"acompte", Label::paid},
    {"dejapaye", Label::paid},

    {"wahrung", Label::currency},
    {"rechnungswahrung", Label::currency},
    {"betragein", Label::currency},
    {"allebetragein", Label::currency},
    {"currency", Label::currency},
    {"invoicecurrency", Label::currency},
    {"allamountsin", Label::currency},
    {"amountsin", Label::currency},
    {"devise", Label::currency},

    {"ustidnr", Label::vat_id},
    {"ustid", Label::vat_id},
    {"ustidentnr", Label::vat_id},
    {"ustidentifikationsnummer", Label::vat_id},
    {"ustidnummer", Label::vat_id},
    {"umsatzsteuerid", Label::vat_id},
    {"umsatzsteueridnr", Label::vat_id},
    {"umsatzsteueridentnr", Label::vat_id},
    {"umsatzsteueridentifikationsnummer", Label::vat_id},
    {"umsatzsteueridentifikationsnr", Label::vat_id},
    {"ustnr", Label::vat_id},
    {"uidnr", Label::vat_id},
    {"uid", Label::vat_id},
    {"uidnummer", Label::vat_id},
    {"mwstnr", Label::vat_id},
    {"vatid", Label::vat_id},
    {"vatidno", Label::vat_id},
    {"vatidnr", Label::vat_id},
    {"vatno", Label::vat_id},
    {"vatnr", Label::vat_id},
    {"vatnumber", Label::vat_id},
    {"vatreg", Label::vat_id},
    {"vatregno", Label::vat_id},
    {"vatregnr", Label::vat_id},
    {"vatregistration", Label::vat_id},
    {"vatregistrationno", Label::vat_id},
    {"vatregistrationnr", Label::vat_id},
    {"vatregistrationnumber", Label::vat_id},
    {"vatidentificationnumber", Label::vat_id},
    {"ntva", Label::vat_id},
    {"numerotva", Label::vat_id},
    {"numerodetva", Label::vat_id},
    {"tvaintracommunautaire", Label::vat_id},
    {"ntvaintracommunautaire", Label::vat_id},
    {"ntvaintracom", Label::vat_id},

    {"iban", Label::iban},
    {"ibannr", Label::iban},
    {"verkauferiban", Label::iban},

    {"verkaufer", Label::seller},
    {"lieferant", Label::seller},
    {"rechnungssteller", Label::seller},
    {"rechnungsaussteller", Label::seller},
    {"leistungserbringer", Label::seller},
    {"seller", Label::seller},
    {"supplier", Label::seller},
    {"vendor", Label::seller},
    {"billfrom", Label::seller},
    {"billedby", Label::seller},
    {"invoicefrom", Label::seller},
    {"from", Label::seller},
    {"soldby", Label::seller},
    {"verkauftvon", Label::seller},
    {"vendeur", Label::seller},
    {"fournisseur", Label::seller},
    {"emetteur", Label::seller},

    {"kaufer", Label::buyer},
    {"kauferleistungsempfanger", Label::buyer},
    {"leistungsempfanger", Label::buyer},
    {"rechnungsempfanger", Label::buyer},
    {"rechnungan", Label::buyer},
    {"rechnungsadresse", Label::buyer},
    {"rechnungsanschrift", Label::buyer},
    {"kunde", Label::buyer},
    {"auftraggeber", Label::buyer},
    {"buyer", Label::buyer},
    {"customer", Label::buyer},
    {"client", Label::buyer},
    {"to", Label::buyer},
    {"billto", Label::buyer},
    {"billedto", Label::buyer},
    {"invoiceto", Label::buyer},
    {"invoicedto", Label::buyer},
    {"soldto", Label::buyer},
    {"billingaddress", Label::buyer},
    {"invoiceaddress", Label::buyer},
    {"adresseduclient", Label::buyer},
    {"adressedefacturation", Label::buyer},
    {"facturea", Label::buyer},
    {"acheteur", Label::buyer},
    {"destinataire", Label::buyer},

    {"lieferadresse", Label::other_party},
    {"lieferanschrift", Label::other_party},
    {"warenempfanger", Label::other_party},
    {"abweichenderwarenempfanger", Label::other_party},
    {"abweichenderrechnungsempfanger", Label::other_party},
    {"abweichenderzahlungsempfanger", Label::other_party},
    {"zahlungsempfanger", Label::other_party},
    {"steuerbevollmachtigterdesverkaufers", Label::other_party},
    {"shipto", Label::other_party},
    {"shippedto", Label::other_party},
    {"deliverto", Label::other_party},
    {"deliveryaddress", Label::other_party},
    {"shippingaddress", Label::other_party},
    {"payee", Label::other_party},
    {"adressedelivraison", Label::other_party},
    {"livraison", Label::other_party},
    {"payto", Label::other_party},

    {"name", Label::name},
    {"firma", Label::name},
    {"company", Label::name},

    {"kundennummer", Label::foreign_number},
    {"kundennr", Label::foreign_number},
    {"debitorennummer", Label::foreign_number},
    {"debitorennr", Label::foreign_number},
    {"auftragsnummer", Label::foreign_number},
    {"auftragsnr", Label::foreign_number},
    {"auftragnr", Label::foreign_number},
    {"bestellnummer", Label::foreign_number},
    {"bestellnr", Label::foreign_number},
    {"bestellungnr", Label::foreign_number},
    {"bestellung", Label::foreign_number},
    {"lieferscheinnr", Label::foreign_number},
    {"lieferscheinnummer", Label::foreign_number},
    {"ursprungsbelegnr", Label::foreign_number},
    {"steuernummer", Label::foreign_number},
    {"steuernr", Label::foreign_number},
    {"stnr", Label::foreign_number},
    {"mandatsreferenz", Label::foreign_number},
    {"glaubigerid", Label::foreign_number},
    {"bic", Label::foreign_number},
    {"swift", Label::foreign_number},
    {"swiftbic", Label::foreign_number},
    {"seite", Label::foreign_number},
    {"page", Label::foreign_number},
    {"customernumber", Label::foreign_number},
    {"customerno", Label::foreign_number},
    {"customernr", Label::foreign_number},
    {"customerid", Label::foreign_number},
    {"ordernumber", Label::foreign_number},
    {"orderno", Label::foreign_number},
    {"ordernr", Label::foreign_number},
    {"ponumber", Label::foreign_number},
    {"pono", Label::foreign_number},
    {"yourorder", Label::foreign_number},
    {"yourreference", Label::foreign_number},
    {"yourref", Label::foreign_number},
    {"ourreference", Label::foreign_number},
    {"ihrzeichen", Label::foreign_number},
    {"siret", Label::foreign_number},
    {"siren", Label::foreign_number},
    {"sirensiret", Label::foreign_number},
    {"gln", Label::foreign_number},

    {"leistungsdatum", Label::foreign_date},
    {"lieferdatum", Label::foreign_date},
    {"bestelldatum", Label::foreign_date},
    {"lieferscheindatum", Label::foreign_date},
    {"druckdatum", Label::foreign_date},
    {"liefertermin", Label::foreign_date},
    {"deliverydate", Label::foreign_date},
    {"orderdate", Label::foreign_date},
    {"shipdate", Label::foreign_date},
    {"shipmentdate", Label::foreign_date},
    {"printdate", Label::foreign_date},
    {"dateofsupply", Label::foreign_date},
    {"dateofdelivery", Label::foreign_date},
    {"datedelivraison", Label::foreign_date},
    {"datedecommande", Label::foreign_date},
    {"datedimpression", Label::foreign_date},
});

const std::unordered_map<std::string_view, Label>& labels() {
  static const std::unordered_map<std::string_view, Label> table(entries.begin(), entries.end());
  return table;
}

// "Lieferant" heads a block only where it stands alone or before a colon: "Lieferant GmbH" is a name.
bool is_heading(Label label) { return label == Label::seller || label == Label::buyer || label == Label::other_party || label == Label::name; }

constexpr std::size_t longest_label = [] {
  std::size_t longest = 0;
  for (const auto& entry : entries) longest = std::max(longest, entry.first.size());
  return longest;
}();

// What the second byte of two-byte UTF-8 with lead 0xC3 (À to ÿ) is without its accent.
std::string_view without_accent(unsigned char second) {
  if (second == 0x9F) return "ss";
  if (second == 0x86 || second == 0xA6) return "ae";
  static constexpr std::string_view letters = "aaaaaa_ceeeeiiii_nooooo_ouuuuy__";
  const std::string_view letter = letters.substr((second - 0x80U) % letters.size(), 1);
  return letter == "_" ? std::string_view() : letter;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A colon within a time ("12:30") or an address ("http://") parts nothing.
bool parts_after(std::string_view text, std::size_t at) {
  if (text[at] != ':' && text[at] != '#') return false;
  if (at + 1 >= text.size() || text[at + 1] == '/') return false;
  return text[at] == '#' || at == 0 || !is_digit(text[at - 1]) || !is_digit(text[at + 1]);
}

void add_token(std::vector<Token>& tokens, std::string_view text) {
  if (!text.empty()) tokens.push_back({std::string(text), fold(text)});
}

}  // namespace

std::string fold(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      out += static_cast<char>(c);
    } else if (c == '#') {
      out += "nr";
    } else if (c == 0xC3 && i + 1 < text.size()) {
      out += without_accent(static_cast<unsigned char>(text[++i]));
    }
  }
  return out;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_blank(text[i])) {
      add_token(tokens, text.substr(begin, i - begin));
      begin = i + 1;
    } else if (parts_after(text, i)) {
      add_token(tokens, text.substr(begin, i + 1 - begin));
      begin = i + 1;
    }
  }
  add_token(tokens, text.substr(begin));
  return tokens;
}

std::string join(const std::vector<Token>& tokens, std::size_t begin, std::size_t end) {
  std::string out;
  for (std::size_t i = begin; i < end; ++i) {
    if (i > begin) out += ' ';
    out += tokens[i].text;
  }
  return out;
}

std::vector<LabelHit> labels_of(const std::vector<Token>& tokens, std::size_t segment) {
  std::vector<LabelHit> hits;
  for (std::size_t begin = 0; begin < tokens.size();) {
    std::optional<LabelHit> longest;
    std::string joined;
    for (std::size_t end = begin; end < tokens.size() && joined.size() <= longest_label; ++end) {
      // A colon ends a label.
      if (end > begin && tokens[end - 1].text.ends_with(':')) break;
      joined += tokens[end].folded;
      const auto found = labels().find(joined);
      if (found == labels().end()) continue;
      const bool ends = end + 1 == tokens.size() || tokens[end].text.ends_with(':') || tokens[end + 1].text == ":";
      if (!is_heading(found->second) || (begin == 0 && ends)) longest = LabelHit{found->second, segment, begin, end + 1};
    }
    if (longest) hits.push_back(*longest);
    begin = longest ? longest->end : begin + 1;
  }
  return hits;
}

}  // namespace extract
