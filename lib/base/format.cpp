// What libfmt does out of line, compiled once for all of us: its shared library would cost every tool time to start, and as headers alone
// it took nearly a third of the time that each of our files took to compile.
#include <fmt/format-inl.h>

// Its headers promise that these are instantiated somewhere.
template fmt::detail::thousands_sep_result<char> fmt::detail::thousands_sep_impl<char>(locale_ref);
template char fmt::detail::decimal_point_impl<char>(locale_ref);
template fmt::detail::dragonbox::decimal_fp<float> fmt::detail::dragonbox::to_decimal<float>(float) noexcept;
template fmt::detail::dragonbox::decimal_fp<double> fmt::detail::dragonbox::to_decimal<double>(double) noexcept;
