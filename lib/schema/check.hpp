// Whether the database has the schema that this program was built for.
#pragma once

#include <fmt/format.h>

#include "pg/query.hpp"
#include "schema/changes.hpp"
#include "schema/sql.hpp"

namespace schema {

// Adds the check to a batch. Its failure (behind, diverged) fails the batch; its result is at_head or ahead.
inline pg::Params expected() { return std::move(pg::Params().add(fmt::format("{}", fmt::join(changes, ",")))); }
inline bool is_ahead(const pg::Result& result) { return result.text(0, 0) == "ahead"; }
inline constexpr std::string_view ahead = "the schema zero_admin is newer than this program";
inline constexpr std::string_view ahead_hint = "update the program";

inline pg::Batch& add_check(pg::Batch& batch) { return batch.add(sql::require, expected()); }

}  // namespace schema
