#include "extract/xml.hpp"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>

namespace extract::xml {
namespace {

// One owner for the context and the document that libxml2 hangs on it when it meets a declaration.
struct FreeContext {
  void operator()(xmlParserCtxt* context) const {
    if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
    xmlFreeParserCtxt(context);
  }
};
using Context = std::unique_ptr<xmlParserCtxt, FreeContext>;

std::string_view view(const xmlChar* text) { return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text); }
std::string_view view(const xmlChar* text, std::size_t length) { return {reinterpret_cast<const char*>(text), length}; }

// Everything that could be fetched is answered with nothing. The options below fetch nothing already; this holds if one is forgotten.
xmlParserInput* fetch_nothing(const char* /*url*/, const char* /*id*/, xmlParserCtxt* /*context*/) { return nullptr; }

class Parser {
 public:
  Parser(const Source& source, Handler& handler, const Limits& limits) : source_(source), handler_(handler), limits_(limits), context_(xmlNewParserCtxt()) {
    if (!context_) throw std::bad_alloc();
    auto& sax = *context_->sax;
    std::memset(&sax, 0, sizeof sax);
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = &Parser::on_open;
    sax.endElementNs = &Parser::on_close;
    sax.characters = &Parser::on_text;
    sax.ignorableWhitespace = &Parser::on_text;
    sax.cdataBlock = &Parser::on_text;
    sax.entityDecl = &Parser::on_entity;
    sax.unparsedEntityDecl = &Parser::on_unparsed_entity;
    sax.serror = &Parser::on_error;
    context_->userData = this;
  }

  std::optional<Refusal> run() {
    constexpr int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    // A declaration of a document type makes one that is the caller's.
    xmlFreeDoc(xmlCtxtReadIO(context_.get(), &Parser::on_read, nullptr, this, nullptr, nullptr, options));
    if (thrown_) std::rethrow_exception(thrown_);
    if (refusal_) return refusal_;
    if (context_->errNo == XML_ERR_NO_MEMORY) throw std::bad_alloc();
    if (context_->wellFormed == 0 || nodes_ == 0) return refuse(error_class::damaged);
    return std::nullopt;
  }

 private:
  static Refusal refuse(std::string_view why) { return {std::string(reason::parse_error), std::string(why)}; }

  void stop(Refusal refusal) {
    if (!refusal_) refusal_ = std::move(refusal);
    xmlStopParser(context_.get());
  }

  // No exception may pass through libxml2's frames.
  template <class Event>
  void guarded(const Event& event) {
    if (refusal_ || thrown_) return;
    try {
      event();
      if (auto refusal = handler_.refused()) stop(std::move(*refusal));
    } catch (...) {
      thrown_ = std::current_exception();
      xmlStopParser(context_.get());
    }
  }

  static Parser& self(void* data) { return *static_cast<Parser*>(data); }

  static int on_read(void* data, char* buffer, int size) { return self(data).source_(buffer, size); }

  static void on_open(void* data, const xmlChar* name, const xmlChar* /*prefix*/, const xmlChar* ns, int /*namespaces*/, const xmlChar** /*namespace_list*/,
                      int attributes, int /*defaulted*/, const xmlChar** list) {
    auto& parser = self(data);
    parser.guarded([&] { parser.open(view(ns), view(name), attributes, list); });
  }

  void open(std::string_view ns, std::string_view name, int attributes, const xmlChar** list) {
    nodes_ += 1 + static_cast<std::size_t>(attributes);
    if (++depth_ > limits_.max_depth) return stop(refuse(error_class::too_deep));
    if (nodes_ > limits_.max_nodes) return stop(refuse(error_class::too_many_entries));
    attributes_.clear();
    values_.clear();
    values_.reserve(static_cast<std::size_t>(attributes));  // views into it must stay
    for (int i = 0; i < attributes; ++i, list += 5) {
      values_.push_back(unescaped(view(list[3], static_cast<std::size_t>(list[4] - list[3]))));
      attributes_.emplace_back(view(list[0]), values_.back());
    }
    handler_.open(ns, name, attributes_);
  }

  // In the values of attributes libxml2 leaves an ampersand escaped when it is told not to substitute entities.
  static std::string unescaped(std::string_view value) {
    constexpr std::string_view escape = "&#38;";
    std::string out;
    for (auto at = value.find(escape); at != std::string_view::npos; at = value.find(escape)) {
      out += value.substr(0, at);
      out += '&';
      value.remove_prefix(at + escape.size());
    }
    out += value;
    return out;
  }

  static void on_close(void* data, const xmlChar* name, const xmlChar* /*prefix*/, const xmlChar* ns) {
    auto& parser = self(data);
    parser.guarded([&] {
      --parser.depth_;
      parser.handler_.close(view(ns), view(name));
    });
  }

  static void on_text(void* data, const xmlChar* text, int length) {
    auto& parser = self(data);
    parser.guarded([&] { parser.handler_.text(view(text, static_cast<std::size_t>(length))); });
  }

  static void on_entity(void* data, const xmlChar* /*name*/, int /*type*/, const xmlChar* /*public_id*/, const xmlChar* /*system_id*/, xmlChar* /*content*/) {
    self(data).stop(refuse(error_class::entity_declaration));
  }
  static void on_unparsed_entity(void* data, const xmlChar* /*name*/, const xmlChar* /*public_id*/, const xmlChar* /*system_id*/, const xmlChar* /*notation*/) {
    self(data).stop(refuse(error_class::entity_declaration));
  }

  // Errors are told by wellFormed; without a handler libxml2 would print them, and the document with them.
  static void on_error(void* /*data*/, std::conditional_t<(LIBXML_VERSION >= 21200), const xmlError*, xmlError*> /*error*/) {}

  const Source& source_;
  Handler& handler_;
  const Limits& limits_;
  Context context_;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
  Attributes attributes_;
  std::vector<std::string> values_;
  std::optional<Refusal> refusal_;
  std::exception_ptr thrown_;
};

}  // namespace

std::optional<Refusal> parse(const Source& source, Handler& handler, const Limits& limits) {
  static const bool sealed = [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(&fetch_nothing);
    return true;
  }();
  static_cast<void>(sealed);
  return Parser(source, handler, limits).run();
}

std::optional<Refusal> parse(std::string_view bytes, Handler& handler, const Limits& limits) {
  return parse(
      [&bytes](char* buffer, int size) {
        const auto part = bytes.substr(0, static_cast<std::size_t>(size));
        std::copy(part.begin(), part.end(), buffer);
        bytes.remove_prefix(part.size());
        return static_cast<int>(part.size());
      },
      handler, limits);
}

}  // namespace extract::xml
