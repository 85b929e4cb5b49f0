#include "web/routes/static_reply.hpp"

#include "web/routes/problem.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <utility>

namespace troupe {
namespace {

using namespace std::string_view_literals;

constexpr std::array types{
  std::pair{".html"sv, "text/html; charset=utf-8"sv},
  std::pair{".htm"sv, "text/html; charset=utf-8"sv},
  std::pair{".css"sv, "text/css; charset=utf-8"sv},
  std::pair{".js"sv, "text/javascript; charset=utf-8"sv},
  std::pair{".mjs"sv, "text/javascript; charset=utf-8"sv},
  std::pair{".json"sv, "application/json"sv},
  std::pair{".map"sv, "application/json"sv},
  std::pair{".txt"sv, "text/plain; charset=utf-8"sv},
  std::pair{".md"sv, "text/markdown; charset=utf-8"sv},
  std::pair{".csv"sv, "text/csv; charset=utf-8"sv},
  std::pair{".xml"sv, "application/xml"sv},
  std::pair{".svg"sv, "image/svg+xml"sv},
  std::pair{".png"sv, "image/png"sv},
  std::pair{".jpg"sv, "image/jpeg"sv},
  std::pair{".jpeg"sv, "image/jpeg"sv},
  std::pair{".gif"sv, "image/gif"sv},
  std::pair{".webp"sv, "image/webp"sv},
  std::pair{".avif"sv, "image/avif"sv},
  std::pair{".ico"sv, "image/x-icon"sv},
  std::pair{".woff"sv, "font/woff"sv},
  std::pair{".woff2"sv, "font/woff2"sv},
  std::pair{".ttf"sv, "font/ttf"sv},
  std::pair{".otf"sv, "font/otf"sv},
  std::pair{".wasm"sv, "application/wasm"sv},
  std::pair{".pdf"sv, "application/pdf"sv},
  std::pair{".zip"sv, "application/zip"sv},
  std::pair{".gz"sv, "application/gzip"sv},
  std::pair{".mp3"sv, "audio/mpeg"sv},
  std::pair{".ogg"sv, "audio/ogg"sv},
  std::pair{".wav"sv, "audio/wav"sv},
  std::pair{".mp4"sv, "video/mp4"sv},
  std::pair{".webm"sv, "video/webm"sv},
  std::pair{".webmanifest"sv, "application/manifest+json"sv},
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  const auto last = text.find_last_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, last - first + 1);
}

/// Whether a list of tags names this one. For `If-None-Match` weak ones count as their strong twins.
bool names_tag(std::string_view list, std::string_view tag, bool weak_too) {
  if (trimmed(list) == "*") {
    return true;
  }
  while (!list.empty()) {
    const auto stop = list.find(',');
    auto each = trimmed(list.substr(0, stop));
    list = stop == std::string_view::npos ? std::string_view{} : list.substr(stop + 1);
    if (weak_too && each.starts_with("W/")) {
      each.remove_prefix(2);
    }
    if (each == tag) {
      return true;
    }
  }
  return false;
}

std::optional<std::int64_t> seconds_of(std::string_view date) {
  const std::string text(date);
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return end != nullptr && *end == '\0' ? std::optional<std::int64_t>{::timegm(&parts)} : std::nullopt;
}

enum class verdict { go_on, unchanged, refused };

verdict check_conditions(const http_request& request, const static_file_facts& file, std::string_view tag) {
  if (request.count("if-match") > 0) {
    if (!names_tag(request.field("if-match"), tag, false)) {
      return verdict::refused;
    }
  } else if (const auto since = seconds_of(request.field("if-unmodified-since")); since && file.modified_s > *since) {
    return verdict::refused;
  }
  if (request.count("if-none-match") > 0) {
    return names_tag(request.field("if-none-match"), tag, true) ? verdict::unchanged : verdict::go_on;
  }
  const auto since = seconds_of(request.field("if-modified-since"));
  return since && file.modified_s <= *since ? verdict::unchanged : verdict::go_on;
}

struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && problem == std::errc{} && end == text.data() + text.size() ? std::optional{out} : std::nullopt;
}

/// What one range asks for; nothing if there is none to heed. `cannot` is set for one that the file does not have.
std::optional<byte_range> range_of(std::string_view value, std::uint64_t size, bool& cannot) {
  constexpr auto unit = "bytes="sv;
  if (!value.starts_with(unit) || value.find(',') != std::string_view::npos) {
    return std::nullopt;
  }
  value = trimmed(value.substr(unit.size()));
  const auto dash = value.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto first = number_of(value.substr(0, dash));
  const auto last = number_of(value.substr(dash + 1));
  if (dash == 0) {
    if (!last) {
      return std::nullopt;
    }
    cannot = *last == 0 || size == 0;
    return cannot ? std::nullopt : std::optional{byte_range{size - std::min(*last, size), size - 1}};
  }
  if (!first || (!last && dash + 1 < value.size()) || (last && *last < *first)) {
    return std::nullopt;
  }
  cannot = *first >= size;
  return cannot ? std::nullopt : std::optional{byte_range{*first, std::min(last.value_or(size - 1), size - 1)}};
}

/// Whether a range holds for the file as it is now.
bool range_is_for(const http_request& request, const static_file_facts& file, std::string_view tag) {
  if (request.count("if-range") == 0) {
    return true;
  }
  const auto value = request.field("if-range");
  return value.starts_with('"') ? value == tag : seconds_of(value) == file.modified_s;
}

} // namespace

std::string_view media_type_of(std::string_view path) noexcept {
  const auto dot = path.rfind('.');
  if (dot == std::string_view::npos) {
    return "application/octet-stream";
  }
  const auto end = path.substr(dot);
  const auto same = [&](const auto& each) {
    return std::ranges::equal(each.first, end, [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? char(b + 32) : b); });
  };
  const auto* found = std::ranges::find_if(types, same);
  return found == types.end() ? "application/octet-stream"sv : found->second;
}

std::string http_date(std::int64_t seconds_since_1970) {
  const auto time = static_cast<std::time_t>(seconds_since_1970);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

static_reply answer_for_file(const http_request& request, const static_file_facts& file) {
  static_reply out;
  const auto tag = "\"" + file.tag + "\"";
  out.head.fields = {{"ETag", tag}, {"Last-Modified", http_date(file.modified_s)}, {"Accept-Ranges", "bytes"}, {"Cache-Control", "no-cache"}};
  switch (check_conditions(request, file, tag)) {
  case verdict::refused:
    out.head = problem(412, "the file is another one by now");
    return out;
  case verdict::unchanged:
    out.head.status = 304;
    return out;
  case verdict::go_on:
    break;
  }
  out.head.content_type = media_type_of(file.path);
  out.length = file.size;
  if (request.count("range") != 1 || request.method != "GET" || !range_is_for(request, file, tag)) {
    return out;
  }
  bool cannot = false;
  const auto range = range_of(request.field("range"), file.size, cannot);
  if (cannot) {
    out.head = problem(416, "the file has " + std::to_string(file.size) + " bytes");
    out.head.fields.push_back({"Content-Range", "bytes */" + std::to_string(file.size)});
    out.length = 0;
  } else if (range) {
    out.from = range->first;
    out.length = range->last - range->first + 1;
    out.head.status = 206;
    out.head.fields.push_back({"Content-Range", "bytes " + std::to_string(range->first) + "-" + std::to_string(range->last) +
                                                  "/" + std::to_string(file.size)});
  }
  return out;
}

} // namespace troupe
