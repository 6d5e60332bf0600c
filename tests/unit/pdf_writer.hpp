// Writes small PDFs: text at positions, nothing else.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

class PdfWriter {
 public:
  // An A4 page; `rotation` is its /Rotate.
  PdfWriter& page(int rotation = 0) {
    pages_.push_back({{}, rotation});
    return *this;
  }

  // `left` and `top` in points from the upper left corner of the unrotated page; Latin-1 letters and "€" only.
  PdfWriter& text(double left, double top, std::string_view utf8, double size = 10) {
    return matrix(fmt::format("1 0 0 1 {} {}", left, height - top), utf8, size);
  }
  // Text that runs upwards from the point.
  PdfWriter& upward(double left, double top, std::string_view utf8, double size = 10) {
    return matrix(fmt::format("0 1 -1 0 {} {}", left, height - top), utf8, size);
  }

  [[nodiscard]] std::string bytes() const {
    std::vector<std::string> objects{"<< /Type /Catalog /Pages 2 0 R >>", pages_object(),
                                     "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"};
    for (const auto& page : pages_) {
      objects.push_back(
          fmt::format("<< /Type /Page /Parent 2 0 R /Rotate {} /MediaBox [0 0 595 842] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> >> >>", page.second,
                      objects.size() + 2));
      objects.push_back(fmt::format("<< /Length {} >>\nstream\n{}\nendstream", page.first.size(), page.first));
    }
    return file_of(objects);
  }

  // Numbered from 1, the catalog first.
  static std::string file_of(const std::vector<std::string>& objects) {
    std::string out = "%PDF-1.7\n";
    std::string xref = fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
    for (std::size_t i = 0; i < objects.size(); ++i) {
      xref += fmt::format("{:010} 00000 n \n", out.size());
      out += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
    }
    const auto start = out.size();
    return out + xref + fmt::format("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", objects.size() + 1, start);
  }

 private:
  static constexpr double height = 842;

  PdfWriter& matrix(std::string_view matrix, std::string_view utf8, double size) {
    pages_.back().first += fmt::format("BT /F1 {} Tf {} Tm ({}) Tj ET\n", size, matrix, win_ansi(utf8));
    return *this;
  }

  [[nodiscard]] std::string pages_object() const {
    std::string kids;
    for (std::size_t i = 0; i < pages_.size(); ++i) kids += fmt::format("{} 0 R ", 4 + 2 * i);
    return fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>", kids, pages_.size());
  }

  static std::string win_ansi(std::string_view utf8) {
    std::string out;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
      const auto c = static_cast<unsigned char>(utf8[i]);
      if (utf8.substr(i).starts_with("€")) {
        out += "\\200";
        i += 2;
      } else if (utf8.substr(i).starts_with("•")) {
        out += "\\225";
        i += 2;
      } else if (c == 0xC2 || c == 0xC3) {
        out += fmt::format("\\{:03o}", (c == 0xC3 ? 0x40U : 0U) + static_cast<unsigned char>(utf8[++i]));
      } else {
        if (c == '(' || c == ')' || c == '\\') out += '\\';
        out += utf8[i];
      }
    }
    return out;
  }

  std::vector<std::pair<std::string, int>> pages_;
};

}  // namespace support
