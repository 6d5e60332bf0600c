// Where libqpdf unpacks streams to, without ever holding more than is allowed.
#pragma once

#include <cstddef>
#include <qpdf/Pipeline.hh>
#include <stdexcept>
#include <string_view>

namespace extract {

// Ends the unpacking of a stream from within; libqpdf turns it into a failure of that stream.
struct Enough : std::runtime_error {
  Enough() : std::runtime_error("enough") {}
};

// Takes what a stream unpacks to, up to a limit that all streams of a document share.
class Sink : public Pipeline {
 public:
  explicit Sink(std::size_t& left) : Pipeline("sink", nullptr), left_(left) {}

  void write(const unsigned char* data, std::size_t length) override {
    if (length > left_) {
      overflowed = true;
      throw Enough();
    }
    left_ -= length;
    take({reinterpret_cast<const char*>(data), length});
  }
  void finish() override {}

  bool overflowed = false;

 protected:
  virtual void take(std::string_view /*piece*/) {}

 private:
  std::size_t& left_;
};

}  // namespace extract
