// What a page draws, before a reader of text runs it: its contents, and the forms and patterns that these may call.
#pragma once

#include <cstddef>
#include <optional>
#include <qpdf/QPDFObjectHandle.hh>
#include <set>
#include <string_view>
#include <vector>

namespace extract {

class PageContents {
 public:
  // `left`: how many bytes all streams of the document may still unpack to; shared, and counted down.
  explicit PageContents(std::size_t& left) : left_(left) {}

  // Why the page is not to be run (an error_class): unpacked_size, or damaged where a picture poses as contents, as in bombs of
  // gigapixels. Nothing where it may be. A stream that several pages share is unpacked once.
  std::optional<std::string_view> error_of(QPDFObjectHandle page);

 private:
  void add(QPDFObjectHandle stream);
  void add_resources(QPDFObjectHandle resources);
  std::optional<std::string_view> unpack(QPDFObjectHandle stream);

  std::size_t& left_;
  std::set<QPDFObjGen> seen_;
  std::vector<QPDFObjectHandle> open_;
};

}  // namespace extract
