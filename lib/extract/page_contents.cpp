#include "extract/page_contents.hpp"

#include <qpdf/Constants.h>

#include <algorithm>
#include <array>

#include "extract/extract.hpp"
#include "extract/sink.hpp"

namespace extract {
namespace {

constexpr int highest_parent = 50;  // of a page, from where it inherits its resources

bool is_picture(QPDFObjectHandle filter) {
  constexpr auto codings = std::to_array<std::string_view>({"/JBIG2Decode", "/JPXDecode", "/DCTDecode", "/DCT", "/CCITTFaxDecode", "/CCF"});
  return filter.isName() && std::ranges::find(codings, filter.getName()) != codings.end();
}

bool coded_as_picture(QPDFObjectHandle stream) {
  auto filter = stream.getDict().getKey("/Filter");
  if (!filter.isArray()) return is_picture(filter);
  return std::ranges::any_of(filter.getArrayAsVector(), is_picture);
}

QPDFObjectHandle resources_of(QPDFObjectHandle page) {
  for (int level = 0; level < highest_parent && page.isDictionary(); ++level) {
    auto resources = page.getKey("/Resources");
    if (resources.isDictionary()) return resources;
    page = page.getKey("/Parent");
  }
  return QPDFObjectHandle::newNull();
}

}  // namespace

std::optional<std::string_view> PageContents::error_of(QPDFObjectHandle page) {
  auto contents = page.getKey("/Contents");
  add(contents);
  if (contents.isArray()) std::ranges::for_each(contents.getArrayAsVector(), [this](const QPDFObjectHandle& part) { add(part); });
  add_resources(resources_of(page));
  while (!open_.empty()) {
    auto stream = open_.back();
    open_.pop_back();
    if (const auto error = unpack(stream)) return error;
    add_resources(stream.getDict().getKey("/Resources"));
  }
  return std::nullopt;
}

void PageContents::add(QPDFObjectHandle stream) {
  if (stream.isStream() && seen_.insert(stream.getObjGen()).second) open_.push_back(stream);
}

void PageContents::add_resources(QPDFObjectHandle resources) {
  if (!resources.isDictionary()) return;
  for (const auto* kind : {"/XObject", "/Pattern"}) {
    auto named = resources.getKey(kind);
    if (!named.isDictionary()) continue;
    for (auto [name, stream] : named.getDictAsMap()) {
      if (stream.isStream() && !stream.getDict().getKey("/Subtype").isNameAndEquals("/Image")) add(stream);
    }
  }
}

std::optional<std::string_view> PageContents::unpack(QPDFObjectHandle stream) {
  if (coded_as_picture(stream)) return error_class::damaged;
  Sink sink(left_);
  stream.pipeStreamData(&sink, 0, qpdf_dl_generalized, true);
  return sink.overflowed ? std::optional(error_class::unpacked_size) : std::nullopt;
}

}  // namespace extract
