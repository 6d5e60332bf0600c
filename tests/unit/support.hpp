// What unit tests share: a folder that goes away, standard streams that can be read back, random bytes.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace support {

class Folder {
 public:
  Folder() {
    auto name = (std::filesystem::temp_directory_path() / "ops-unit-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::string write(std::string_view name, std::string_view content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return (path_ / name).string();
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A standard stream goes into memory while this lives.
class Capture {
 public:
  explicit Capture(int stream) : stream_(stream), saved_(dup(stream)), file_(memfd_create("capture", MFD_CLOEXEC)) {
    std::cout.flush();
    std::fflush(nullptr);
    dup2(file_, stream_);
  }
  ~Capture() {
    std::cout.flush();
    std::fflush(nullptr);
    dup2(saved_, stream_);
    close(saved_);
    close(file_);
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  [[nodiscard]] int fd() const { return file_; }
  [[nodiscard]] std::string text() const {
    std::string out;
    std::array<char, 4096> buffer{};
    off_t at = 0;
    for (ssize_t got = 0; (got = pread(file_, buffer.data(), buffer.size(), at)) > 0; at += got) out.append(buffer.data(), static_cast<std::size_t>(got));
    return out;
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    std::istringstream stream(text());
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

 private:
  int stream_;
  int saved_;
  int file_;
};

// An environment variable as it was, after the test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name); before != nullptr) before_ = before;
    if (value == nullptr) {
      unsetenv(name);
    } else {
      setenv(name, value, 1);
    }
  }
  ~Variable() {
    if (before_) {
      setenv(name_, before_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// The same bytes on every run: a failure can be repeated.
inline std::string random_bytes(std::mt19937& random, std::size_t longest) {
  std::string out(random() % (longest + 1), '\0');
  for (char& c : out) c = static_cast<char>(random() & 0xFFU);
  return out;
}

}  // namespace support
