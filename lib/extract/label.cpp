#include "extract/label.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>

#include "base/text.hpp"

namespace extract {
namespace {

// Folded words, separated by blanks.
template <class Label>
struct Words {
  Label label;
  std::string_view words;
};

constexpr auto invoice_labels = std::to_array<Words<InvoiceLabel>>({
    {InvoiceLabel::invoice_no,
     "rechnungsnummer rechnungsnr rechnungnr rechnungnummer rgnr renr rechnungno invoicenumber invoiceno invoicenr "
     "invoiceid"},
    {InvoiceLabel::issue_date,
     "rechnungsdatum rechnungsdat rechnungvom ausstellungsdatum invoicedate issuedate dateofissue dateissued "
     "issuedon"},
    {InvoiceLabel::due_date,
     "faelligkeitsdatum faelligkeit faellig faelligam faelligbis zahlbarbis zahlbarbiszum duedate paymentduedate "
     "datedue dueon payby"},
    {InvoiceLabel::amount_due,
     "zahlbetrag zuzahlen zuzahlenderbetrag offenerbetrag faelligerbetrag restbetrag amountdue totaldue balancedue "
     "amountpayable payableamount totalpayable topay"},
    {InvoiceLabel::amount_total,
     "gesamtbetrag rechnungsbetrag bruttobetrag gesamtbrutto endbetrag rechnungssumme gesamtsumme gesamtbetragbrutto "
     "summebrutto bruttosumme brutto betragbrutto rechnungsbetragbrutto total totalamount grandtotal invoicetotal "
     "invoiceamount totalgross grosstotal grossamount amounttotal totalinclvat totalincvat"},
    {InvoiceLabel::amount_plain, "betrag amount"},
    {InvoiceLabel::currency, "waehrung currency currencycode waehrungscode"},
    {InvoiceLabel::seller,
     "lieferant lieferantenname verkaeufer rechnungssteller rechnungsaussteller kreditor seller sellername vendor "
     "vendorname supplier suppliername"},
    {InvoiceLabel::seller_vat,
     "ustiddeslieferanten lieferantustid ustidlieferant ustidnrlieferant sellervat sellervatid suppliervatid "
     "suppliervat vendorvatid sellervatnumber"},
    {InvoiceLabel::buyer,
     "kunde kundenname kaeufer rechnungsempfaenger rechnungan buyer buyername customer customername client "
     "clientname billto billedto invoiceto"},
    {InvoiceLabel::iban, "iban ibandeslieferanten selleriban supplieriban payeeiban"},
});

constexpr auto bank_labels = std::to_array<Words<BankLabel>>({
    {BankLabel::booking_date,
     "buchungstag buchungsdatum buchung bookingdate bookedon postingdate posteddate transactiondate bookdate "
     "entrydate completeddate datecompleted ausfuehrungsdatum"},
    {BankLabel::value_date, "valuta valutadatum wertstellung wertstellungstag wertstellungsdatum wert valutastellung valuedate"},
    {BankLabel::any_date, "datum date"},
    {BankLabel::amount,
     "betrag umsatz umsatzineur betragineur betrageur amount amounteur amountineur transactionamount buchungsbetrag "
     "umsatzbetrag"},
    {BankLabel::debit,
     "soll sollineur solleur belastung belastungen lastschrift debit debitamount paidout moneyout withdrawal "
     "withdrawals ausgang ausgaben auszahlung abgang belastungineur belastunginchf"},
    {BankLabel::credit,
     "haben habenineur habeneur gutschrift gutschriften credit creditamount paidin moneyin deposit deposits eingang "
     "einnahmen einzahlung zugang gutschriftineur gutschriftinchf"},
    {BankLabel::sign,
     "sollhaben sh hs sollhabenkennzeichen sollhabenkz debitcredit creditdebit creditdebitindicator drcr crdr "
     "sollhabenkennung"},
    {BankLabel::currency, "waehrung currency whrg whg currencycode accountcurrency"},
    {BankLabel::counterparty,
     "beguenstigterzahlungspflichtiger auftraggeberempfaenger empfaengerauftraggeber auftraggeberbeguenstigter "
     "beguenstigterauftraggeber auftraggeberzahlungsempfaenger zahlungsempfaengerauftraggeber zahlungsbeteiligter "
     "namezahlungsbeteiligter empfaengerzahlungspflichtiger zahlungsempfaengerzahlungspflichtiger gegenpartei "
     "gegenseite name partnername partner counterparty counterpartyname payerpayee payeepayer beneficiary "
     "beneficiaryname recipientsender senderrecipient beneficiaryoriginator counterpart merchant nameofcounterparty "
     "kontoinhaber"},
    {BankLabel::payer, "zahlungspflichtiger zahlungspflichtigerin auftraggeber absender payer sender originator"},
    {BankLabel::payee, "zahlungsempfaenger zahlungsempfaengerin empfaenger beguenstigter payee recipient"},
    {BankLabel::counterparty_iban,
     "ibanzahlungsbeteiligter kontonummeriban ibankontonummer partneriban counterpartyiban "
     "ibanauftraggeberempfaenger gegenkonto gegenkontoiban ibangegenkonto beneficiaryiban payeeiban "
     "accountnumberiban ibandesempfaengers empfaengeriban ibanempfaenger counterpartyaccount "
     "ibandeszahlungsbeteiligten ibandesauftraggebersempfaengers ibanoderkontonummer"},
    {BankLabel::any_iban, "iban kontonummer konto account accountnumber"},
    {BankLabel::own_iban,
     "auftragskonto ibanauftragskonto eigeneiban owniban accountiban eigeneskonto ownaccount kontoiban ibankonto "
     "girokonto ibanauftraggeberkonto auftraggeberkonto"},
    {BankLabel::purpose,
     "verwendungszweck verwendungszweckzeile vwz zahlungsreferenz zahlungszweck purpose purposeofpayment "
     "paymentreference reference remittanceinformation description details memo narrative beschreibung "
     "paymentdetails buchungsdetails transactiondetails paymentpurpose betreff vorgangverwendungszweck "
     "buchungstextverwendungszweck verwendungszweckinformation"},
    {BankLabel::booking_text, "buchungstext vorgang umsatzart umsatztyp type transactiontype text buchungsart art typ"},
    {BankLabel::balance, "saldo saldonachbuchung kontostand balance saldoineur neuersaldo runningbalance accountbalance"},
});

template <class Label>
using Index = std::unordered_map<std::string_view, Label>;

template <class Label>
Index<Label> index_of(std::span<const Words<Label>> lists) {
  Index<Label> index;
  for (const auto& list : lists) {
    for (const auto word : base::split(list.words, ' ')) index.emplace(word, list.label);
  }
  return index;
}

template <class Label>
std::optional<Label> find(const Index<Label>& index, std::string_view word) {
  const auto at = index.find(word);
  return at == index.end() ? std::nullopt : std::optional<Label>(at->second);
}

constexpr std::size_t longest_label = 80;

struct Letter {
  std::string_view written;
  std::string_view plain;
};
constexpr auto umlauts = std::to_array<Letter>(
    {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"Ä", "ae"}, {"Ö", "oe"}, {"Ü", "ue"}, {"ß", "ss"}, {"\xCC\x88", "e"}});  // the last: dots for the letter before

}  // namespace

std::string folded(std::string_view label) {
  std::string out;
  int brackets = 0;
  while (!label.empty()) {
    // Every cell of a table may be a label, and most have nothing but ASCII.
    if (!base::is_ascii(label[0])) {
      const auto* umlaut = std::ranges::find_if(umlauts, [&](const Letter& l) { return label.starts_with(l.written); });
      if (umlaut != umlauts.end()) {
        if (brackets == 0) out += umlaut->plain;
        label.remove_prefix(umlaut->written.size());
        continue;
      }
    }
    const char c = label[0];
    label.remove_prefix(1);
    if (c == '(' || c == '[') ++brackets;
    if (c == ')' || c == ']') brackets = std::max(0, brackets - 1);
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (brackets == 0 && ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'))) out += lower;
  }
  return out;
}

std::string without_number(std::string word) {
  while (!word.empty() && word.back() >= '0' && word.back() <= '9') word.pop_back();
  return word;
}

std::optional<InvoiceLabel> invoice_label(std::string_view label) {
  static const auto index = index_of<InvoiceLabel>(invoice_labels);
  if (label.size() > longest_label) return std::nullopt;
  return find(index, folded(label));
}

std::optional<BankLabel> bank_label(std::string_view label) {
  static const auto index = index_of<BankLabel>(bank_labels);
  if (label.size() > longest_label) return std::nullopt;
  return find(index, without_number(folded(label)));
}

}  // namespace extract
