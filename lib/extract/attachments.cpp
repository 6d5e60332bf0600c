#include "extract/attachments.hpp"

#include <qpdf/Constants.h>

#include <algorithm>
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFWriter.hh>
#include <qpdf/QPDFXRefEntry.hh>
#include <set>
#include <stdexcept>

#include "base/text.hpp"
#include "extract/formats.hpp"
#include "extract/page_contents.hpp"
#include "extract/sink.hpp"
#include "extract/type.hpp"

namespace extract {
namespace {

// Keeps the content if it begins like XML.
class XmlSink : public Sink {
 public:
  using Sink::Sink;
  std::string content;

 private:
  void take(std::string_view piece) override {
    content += piece;
    constexpr std::size_t sure = 64;
    if (content.size() >= sure && content.size() - piece.size() < sure && type_of(content) != Type::xml) throw Enough();
  }
};

class Pdf {
 public:
  explicit Pdf(const Limits& limits) : limits_(limits), left_(limits.max_unpacked_bytes) { pdf_.setSuppressWarnings(true); }

  void open(std::string_view bytes) { pdf_.processMemoryFile("document", bytes.data(), bytes.size()); }

  // Before anything is read from them: an object stream is unpacked whole when one of its objects is asked for.
  [[nodiscard]] bool object_streams_fit() {
    std::set<int> streams;
    for (const auto& [id, entry] : pdf_.getXRefTable()) {
      if (entry.getType() == 2) streams.insert(entry.getObjStreamNumber());
    }
    for (const int number : streams) {
      auto stream = pdf_.getObjectByID(number, 0);
      if (!stream.isStream()) continue;
      Sink sink(left_);
      stream.pipeStreamData(&sink, 0, qpdf_dl_generalized, true);
      if (sink.overflowed) return false;
    }
    return true;
  }

  // Whether the page tree has a leaf and no node twice.
  [[nodiscard]] bool has_pages() {
    std::set<QPDFObjGen> seen;
    std::vector<QPDFObjectHandle> open{pdf_.getRoot().getKey("/Pages")};
    while (!open.empty()) {
      auto node = open.back();
      open.pop_back();
      if (!node.isDictionary()) continue;
      auto kids = node.getKey("/Kids");
      if (!kids.isArray()) {
        pages_.push_back(node);
        continue;
      }
      if (node.isIndirect() && !seen.insert(node.getObjGen()).second) return false;
      if (seen.size() > limits_.max_entries || pages_.size() > limits_.max_pages) break;
      // Last first, so that pages come in their order.
      for (int i = kids.getArrayNItems(); i-- > 0;) open.push_back(kids.getArrayItem(i));
    }
    return !pages_.empty();
  }

  // Before a reader of text runs them.
  [[nodiscard]] std::optional<std::string_view> error_of_pages() {
    PageContents contents(left_);
    for (const auto& page : pages_) {
      if (const auto error = contents.error_of(page)) return error;
    }
    return std::nullopt;
  }

  std::vector<Attachment> attachments() {
    for_tree(pdf_.getRoot().getKey("/Names").getKeyIfDict("/EmbeddedFiles"));
    associated(pdf_.getRoot());
    for (auto& page : pages_) {
      associated(page);
      annotated(page);
    }
    return std::move(found_);
  }

  std::string rebuilt() {
    QPDF copy;
    copy.setSuppressWarnings(true);
    copy.emptyPDF();
    QPDFPageDocumentHelper pages(copy);
    if (pages_.size() > limits_.max_pages) pages_.resize(limits_.max_pages);
    for (auto& page : pages_) pages.addPage(page, false);
    QPDFWriter writer(copy);
    writer.setOutputMemory();
    writer.setStreamDataMode(qpdf_s_preserve);
    writer.write();
    const auto out = writer.getBufferSharedPointer();
    return {reinterpret_cast<const char*>(out->getBuffer()), out->getSize()};
  }

  [[nodiscard]] bool too_deep() {
    const auto warnings = pdf_.getWarnings();
    return std::any_of(warnings.begin(), warnings.end(), [](const QPDFExc& w) { return w.getMessageDetail().find("deeply nested") != std::string::npos; });
  }

 private:
  // A name tree (ISO 32000-1, 7.9.6) walked whole, whatever its /Limits say.
  void for_tree(const QPDFObjectHandle& root) {
    std::set<QPDFObjGen> seen;
    std::vector<QPDFObjectHandle> open{root};
    while (!open.empty() && seen.size() <= limits_.max_entries) {
      auto node = open.back();
      open.pop_back();
      if (!node.isDictionary() || (node.isIndirect() && !seen.insert(node.getObjGen()).second)) continue;
      auto names = node.getKey("/Names");
      for (int i = 1; names.isArray() && i < names.getArrayNItems(); i += 2) file(names.getArrayItem(i), names.getArrayItem(i - 1));
      auto kids = node.getKey("/Kids");
      if (!kids.isArray()) continue;
      for (int i = kids.getArrayNItems(); i-- > 0;) open.push_back(kids.getArrayItem(i));
    }
  }

  // /AF, an array of file specifications (ISO 32000-2, 14.13).
  void associated(QPDFObjectHandle holder) {
    auto files = holder.getKeyIfDict("/AF");
    if (files.isDictionary()) file(files, {});
    for (int i = 0; files.isArray() && i < files.getArrayNItems(); ++i) file(files.getArrayItem(i), {});
  }

  void annotated(QPDFObjectHandle page) {
    auto annotations = page.getKey("/Annots");
    for (int i = 0; annotations.isArray() && i < annotations.getArrayNItems(); ++i) {
      auto one = annotations.getArrayItem(i);
      if (one.getKeyIfDict("/Subtype").isNameAndEquals("/FileAttachment")) file(one.getKey("/FS"), {});
    }
  }

  void file(QPDFObjectHandle specification, const QPDFObjectHandle& key) {
    auto files = specification.getKeyIfDict("/EF");
    if (!files.isDictionary() || ++files_ > limits_.max_entries) return;
    if (specification.isIndirect() && !taken_.insert(specification.getObjGen()).second) return;
    for (const auto* kind : {"/UF", "/F"}) {
      auto stream = files.getKey(kind);
      if (!stream.isStream()) continue;
      XmlSink sink(left_);
      stream.pipeStreamData(&sink, 0, qpdf_dl_generalized, true);
      if (!sink.overflowed && type_of(sink.content) == Type::xml) found_.push_back({name_of(specification, key), std::move(sink.content)});
      return;
    }
  }

  static std::string name_of(QPDFObjectHandle specification, const QPDFObjectHandle& key) {
    for (auto candidate : {specification.getKey("/UF"), specification.getKey("/F"), key}) {
      if (!candidate.isInitialized() || !candidate.isString()) continue;
      const auto name = base::lower(candidate.getUTF8Value());
      return name.substr(name.find_last_of("/\\") + 1);
    }
    return {};
  }

  const Limits& limits_;
  std::size_t left_;
  QPDF pdf_;
  std::vector<QPDFObjectHandle> pages_;
  std::vector<Attachment> found_;
  std::set<QPDFObjGen> taken_;
  std::size_t files_ = 0;
};

}  // namespace

std::variant<std::vector<Attachment>, Refusal> xml_attachments(std::string_view bytes, const Limits& limits) {
  Pdf pdf(limits);
  try {
    pdf.open(bytes);
    if (!pdf.object_streams_fit()) return parse_error(error_class::unpacked_size);
    const bool pages = pdf.has_pages();
    if (pages && !pdf.too_deep()) {
      if (const auto error = pdf.error_of_pages()) return parse_error(*error);
      return pdf.attachments();
    }
  } catch (const QPDFExc& error) {
    if (error.getErrorCode() == qpdf_e_password) return parse_error(error_class::encrypted);
  } catch (const std::logic_error&) {  // what libqpdf throws for some damage
  } catch (const std::runtime_error&) {
  }
  return parse_error(pdf.too_deep() ? error_class::too_deep : error_class::damaged);
}

std::optional<std::string> rebuilt_pages(std::string_view bytes, const Limits& limits) {
  try {
    Pdf pdf(limits);
    pdf.open(bytes);
    if (pdf.object_streams_fit() && pdf.has_pages()) return pdf.rebuilt();
  } catch (const std::logic_error&) {
  } catch (const std::runtime_error&) {
  }
  return std::nullopt;
}

}  // namespace extract
