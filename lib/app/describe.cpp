#include "app/describe.hpp"

#include <fmt/format.h>

#include "base/outcome.hpp"
#include "base/text.hpp"

namespace app {
namespace {

constexpr std::size_t width = 80;

std::optional<std::string> accept_any(std::string_view /*unused*/) { return std::nullopt; }

// "-h" for --help, followed by `separator`; empty for most.
std::string short_form(std::string_view name, std::string_view separator) {
  if (name != "--help" && name != "--version") return {};
  return fmt::format("-{}{}", name == "--help" ? 'h' : 'V', separator);
}

// Breaks text into lines of `width` with an indent.
std::string wrap(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const auto word = text.substr(0, space);
    if (column == 0 || column + 1 + word.size() > width) {
      if (column != 0) out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  }
  return out + "\n";
}

std::string about_row(const config::Row& row, config::Need need) {
  std::string text(row.help);
  text += fmt::format(" Allowed: {}.", config::allowed(row));
  if (!row.fallback.empty()) text += fmt::format(" Default: {}.", row.fallback);
  if (need == config::Need::required) text += " Required.";
  if (row.secret) text += fmt::format(" A secret: also read from the credential {} or from the file in {}_FILE.", base::lower(row.name), row.name);
  return text;
}

std::string help(const About& about, const std::vector<Flag>& flags, const config::Settings& settings) {
  std::string out = wrap(fmt::format("{} - {}", about.name, about.summary), 0);
  out += fmt::format("\nUsage: {} [OPTIONS]{}{}\n\nOptions:\n", about.name, about.arguments.empty() ? "" : " ", about.arguments);
  for (const auto& flag : flags) {
    out += fmt::format("  {}{}{}{}\n", short_form(flag.name, ", "), flag.name, flag.metavar.empty() ? "" : " ", flag.metavar);
    out += wrap(flag.help, 6);
  }
  out += "\nSettings, from the environment:\n";
  for (const auto& binding : settings.bindings()) {
    out += fmt::format("  {}={}\n", binding.row->name, binding.row->metavar);
    out += wrap(about_row(*binding.row, binding.need), 6);
  }
  out += "\nExit status (view: simple, plugin, sysexits):\n";
  for (const auto& row : base::outcomes) out += fmt::format("  {} {} {:>2}  {:<13} {}\n", row.simple, row.plugin, row.sysexits, row.name, row.meaning);
  out += fmt::format("\nSee man {} and man 0admin-ops.\n", about.name);
  return out;
}

// mdoc(7) takes a line that begins with a dot or quote, and a backslash, as its own.
std::string mdoc(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool begins_word = out.empty() || out.back() == ' ' || out.ends_with("\\-");
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-' && begins_word) {
      out += "\\-";  // an option that can be searched for and copied
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  // One sentence a line, as mandoc -Tlint wants it.
  for (std::size_t at = 0; (at = out.find(". ", at)) != std::string::npos; at += 2) out[at + 1] = '\n';
  return out;
}

std::string man(const About& about, const std::vector<Flag>& flags, const config::Settings& settings) {
  std::string out = ".\\\" generated: options\n.Bl -tag -width Ds\n";
  for (const auto& flag : flags) {
    const auto brief = short_form(flag.name, "");
    if (!brief.empty()) out += fmt::format(".It Fl {} , Fl Fl {}\n{}\n", brief.substr(1), flag.name.substr(2), mdoc(flag.help));
    if (!brief.empty()) continue;
    out += fmt::format(".It Fl Fl {}{}{}\n{}\n", flag.name.substr(2), flag.metavar.empty() ? "" : " Ar ", flag.metavar, mdoc(flag.help));
  }
  out += ".El\n.\\\" end\n.\\\" generated: environment\n.Bl -tag -width Ds\n";
  for (const auto& binding : settings.bindings()) {
    out += fmt::format(".It Ev {} Ns = Ns Ar {}\n{}\n", binding.row->name, mdoc(binding.row->metavar), mdoc(about_row(*binding.row, binding.need)));
  }
  out += ".El\n.\\\" end\n.\\\" generated: output\n.Bl -tag -width Ds\n";
  for (const auto& event : about.events) {
    out += fmt::format(".It Sy {}\n{}\n.Bl -tag -width Ds -compact\n", event.type, mdoc(event.about));
    for (const auto& [name, text] : event.fields) out += fmt::format(".It Va {}\n{}\n", name, mdoc(text));
    if (event.type == "summary") {
      out += ".It Va error\nInstead of the counts, when an error ended the run: what it was; standard error says more.\n";
    }
    out += ".El\n";
  }
  out +=
      ".El\n.\\\" end\n.\\\" generated: exit status\n.Bl -column runtime_error simple plugin sysexits\n.It Sy outcome Ta Sy simple Ta Sy plugin Ta Sy sysexits "
      "Ta Sy meaning\n";
  for (const auto& row : base::outcomes) out += fmt::format(".It {} Ta {} Ta {} Ta {} Ta {}\n", row.name, row.simple, row.plugin, row.sysexits, row.meaning);
  out += ".El\n.\\\" end\n";
  return out;
}

std::string env_example() {
  std::string out =
      "# Settings of 0admin-ops: copy to /etc/0admin/env and fill in. Made from the settings table; see the man page of each tool.\n"
      "# A setting that is commented out has the value shown, or none. Secrets are better kept as systemd credentials.\n";
  for (const auto& row : config::catalog()) {
    out += fmt::format("\n# {}\n# Allowed: {}.{}\n#{}={}\n", row.help, config::allowed(row), row.secret ? " A secret." : "", row.name, row.fallback);
  }
  return out;
}

std::string completion(const About& about, const std::vector<Flag>& flags) {
  std::string names;
  for (const auto& flag : flags) names += fmt::format("{}{}", names.empty() ? "" : " ", flag.name);
  return fmt::format("complete -o default -W '{}' {}\n", names, about.name);
}

}  // namespace

std::vector<Flag> common_flags() {
  static std::string ignored;  // the frame has read these before the parsing
  return {
      {"--format", "FORMAT", "Output format: auto (text on a terminal, else JSON lines), jsonl or text. Default: auto.",
       set_choice(ignored, {"auto", "jsonl", "text"})},
      {"--exit-codes", "VIEW", "View of the outcome as an exit status: simple, plugin or sysexits. Default: simple.",
       set_choice(ignored, {"simple", "plugin", "sysexits"})},
      {"--check-config", "", "Print the effective settings as one JSON line and exit; nothing is opened.", accept_any},
      {"--describe", "WHAT", "Print documentation made from the tables of this tool: man, env or completion.",
       set_choice(ignored, {"man", "env", "completion"})},
      {"--help", "", "Print this help and exit.", accept_any},
      {"--version", "", "Print the version and exit.", accept_any},
  };
}

std::string describe_as(std::string_view what, const About& about, const std::vector<Flag>& flags, const config::Settings& settings) {
  if (what == "man") return man(about, flags, settings);
  if (what == "env") return env_example();
  if (what == "completion") return completion(about, flags);
  return help(about, flags, settings);
}

}  // namespace app
