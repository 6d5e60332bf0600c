// inbox-extract: reads documents and prints the fields that were found in each.
#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"
#include "files.hpp"
#include "serve.hpp"

namespace {

const app::About about{
    "inbox-extract", "read the fields of documents", "FILE… | -", {emit::doc_of<Fields>(), emit::doc_of<Refused>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config), &config.files);
    if (config.serve) {
      serve(config);
      return base::Outcome::ok;
    }
    if (config.files.empty()) {
      throw base::Error(base::Outcome::usage_error, "wrong command line", "no file is named", "name files, or - for standard input; see inbox-extract --help");
    }
    app::Stop stop{base::Milliseconds(0)};
    return extract_files(config, stop, context);
  });
}
