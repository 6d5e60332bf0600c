// The only code that writes to standard output or standard error.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "emit/event.hpp"

namespace emit {

enum class Format { automatic, jsonl, text };
enum class Level { error = 3, warning = 4, info = 6, debug = 7 };  // the numbers of syslog(3), as journald reads them

// Whether descriptor `fd` is the journal (systemd.exec(5), JOURNAL_STREAM).
bool is_journal(int fd);

class Output {
 public:
  Output(std::string_view tool, Format format);

  // Writes one result line, whole, and returns whether it was written. After the first failure nothing
  // more is written: what stands on stdout is then a cut stream without a summary, and lost() is true.
  template <class Event>
  bool event(const Event& event) {
    if (lost_) return false;
    if (text_) {
      line_ = text_head(Event::type);
      append_text(line_, event);
    } else {
      line_.clear();
      append_envelope(line_, Event::type);
      append_fields(line_, event);
      line_ += '}';
    }
    return flush_line();
  }

  // The same line as JSON with its line break, not printed: for a command that is told.
  template <class Event>
  std::string line(const Event& event) const {
    std::string line;
    append_envelope(line, Event::type);
    append_fields(line, event);
    return line + "}\n";
  }

  // While one of these lives, lines are kept and written several at once, each whole within one write, with the last
  // of them at its end. For lines about what is done already.
  class Together {
   public:
    explicit Together(Output& output) : output_(output) { output_.together_ = true; }
    Together(const Together&) = delete;
    Together& operator=(const Together&) = delete;
    ~Together() {
      output_.together_ = false;
      output_.write_kept();
    }

   private:
    Output& output_;
  };

  // One object without the envelope, for --check-config and the like.
  bool object(std::string_view json);
  // Text for people: --help, --version, generated documentation.
  bool plain(std::string_view text);

  // Diagnostics on stderr. Failing to write them is ignored: there is nowhere left to say so.
  void log(Level level, std::string_view error, std::string_view detail = {}, std::string_view hint = {});
  void error(const base::Error& error) { log(Level::error, error.error, error.detail, error.hint); }

  [[nodiscard]] bool lost() const { return lost_; }
  // Lost because it could not be written, not because a stop had no more time for a reader that reads nothing.
  [[nodiscard]] bool failed() const { return lost_ && !gave_up_; }
  [[nodiscard]] bool text() const { return text_; }
  [[nodiscard]] const std::string& run_id() const { return run_id_; }
  void set_level(Level level) { level_ = level; }
  void set_format(Format format);
  // Asked about five times a second while a reader keeps stdout full; true gives the line up as lost.
  void give_up_when(std::function<bool()> asked) { give_up_ = std::move(asked); }

 private:
  void append_envelope(std::string& line, std::string_view type) const;  // up to and without the first field of the event
  static std::string text_head(std::string_view type);
  bool flush_line();
  void write_kept();
  bool write_stdout(std::string_view bytes);

  std::string tool_;
  std::string run_id_;
  std::string line_;
  std::string kept_;
  std::function<bool()> give_up_;
  Level level_ = Level::info;
  bool text_ = false;
  bool stderr_text_ = false;
  bool stderr_journal_ = false;
  bool stdout_pipe_ = false;
  bool together_ = false;
  bool lost_ = false;
  bool gave_up_ = false;
};

}  // namespace emit
