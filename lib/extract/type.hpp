// What a document is, by its first bytes.
#pragma once

#include <string_view>

namespace extract {

enum class Type { unknown, pdf, png, jpeg, zip, ole, xml, json, table };

// `table` is any other text; whether it has columns is seen when it is read.
Type type_of(std::string_view bytes);

// The registered media type; empty for unknown and ole. A zip is a workbook until it is seen not to be one.
std::string_view mime_of(Type type);

// Whether a declared media type means this type; true for one that says nothing (empty, application/octet-stream).
bool declared_as(std::string_view declared_mime, Type type);

}  // namespace extract
