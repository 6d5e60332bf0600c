// The zip of an Office document, by libzip: parts and the relations between them (ISO/IEC 29500-2).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "extract/extract.hpp"
#include "extract/xml.hpp"

struct zip;

namespace extract {

struct Relation {
  std::string type;  // the last step of its URI: "worksheet"
  std::string part;  // the name of a part; empty for what lies outside
};
using Relations = std::map<std::string, Relation>;  // by id

// Nothing is trusted that the headers say about sizes: what parts unpack to is counted while they are read, over all parts.
class Package {
 public:
  static std::variant<Package, Refusal> open(std::string_view bytes, const Limits& limits);

  // Streams a part through an XML handler. Nothing when it is read; `damaged` when there is no such part.
  std::optional<Refusal> read(std::string_view part, xml::Handler& handler);
  [[nodiscard]] bool has(std::string_view part) const;
  // Of a part ("" for the package itself). No relations where there is no such part; a target that climbs out of the package is refused.
  std::variant<Relations, Refusal> relations_of(std::string_view part);

 private:
  struct Close {
    void operator()(zip* archive) const;
  };

  Package(zip* archive, const Limits& limits);

  std::unique_ptr<zip, Close> archive_;
  Limits limits_;
  std::size_t left_;  // of what may be unpacked
};

}  // namespace extract
