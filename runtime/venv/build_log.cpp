#include "runtime/venv/build_log.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe {

namespace {

struct telling_line {
  std::string_view begins;
  const char* phase;
  bool installs;
};

// What pip and uv print when they come to a new part of their work. uv tells of an installation when it is done, so what
// comes after its resolving counts as one.
constexpr std::array telling_lines{
  telling_line{"Collecting ", "resolving", false},
  telling_line{"Processing ", "resolving", false},
  telling_line{"Looking in ", "resolving", false},
  telling_line{"Requirement already satisfied", "resolving", false},
  telling_line{"Using Python ", "resolving", false},
  telling_line{"Downloading ", "downloading", false},
  telling_line{"Using cached ", "downloading", false},
  telling_line{"Building ", "building packages", false},
  telling_line{"Built ", "building packages", false},
  telling_line{"Installing collected packages", "installing", true},
  telling_line{"Attempting uninstall", "installing", true},
  telling_line{"Successfully installed", "installed", true},
  telling_line{"Resolved ", "downloading", true},
  telling_line{"Prepared ", "installing", true},
  telling_line{"Uninstalled ", "installing", true},
  telling_line{"Installed ", "installed", true},
  telling_line{"Audited ", "installed", false},
};

/// Without terminal sequences and other control characters.
std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b' && i + 1 < text.size() && text[i + 1] == '[') {
      for (i += 2; i < text.size() && (text[i] < '@' || text[i] > '~'); ++i) {
      }
    } else if (static_cast<unsigned char>(text[i]) >= ' ' || text[i] == '\t') {
      out += text[i];
    }
  }
  out.erase(out.find_last_not_of(" \t") + 1);
  return out;
}

} // namespace

std::vector<std::string> build_log::take(std::string_view bytes) {
  std::vector<std::string> whole;
  for (const char c : bytes) {
    if (c == '\n') {
      if (auto line = end_line()) {
        whole.push_back(std::move(*line));
      }
    } else if (c == '\r') {
      open_ += c;
    } else {
      if (!open_.empty() && open_.back() == '\r') {
        open_.clear(); // the line is written anew
      }
      if (open_.size() < longest_line) {
        open_ += c;
      }
    }
  }
  return whole;
}

std::optional<std::string> build_log::finish() { return end_line(); }

std::optional<std::string> build_log::end_line() {
  auto line = plain(std::exchange(open_, {}));
  if (line.empty()) {
    return std::nullopt;
  }
  judge(line);
  add(line);
  return line;
}

void build_log::judge(const std::string& line) {
  const auto begin = line.find_first_not_of(' ');
  const auto text = std::string_view{line}.substr(begin == std::string::npos ? 0 : begin);
  const auto found = std::ranges::find_if(telling_lines, [&](const auto& one) { return text.starts_with(one.begins); });
  if (found != telling_lines.end()) {
    phase_ = found->phase;
    has_begun_to_install_ = has_begun_to_install_ || found->installs;
  }
}

void build_log::add(std::string line) {
  ++total_;
  lines_.push_back(std::move(line));
  if (lines_.size() > most_lines) {
    lines_.pop_front();
  }
}

std::vector<std::string> build_log::last(std::size_t count) const {
  const auto from = lines_.size() > count ? lines_.size() - count : 0;
  return {lines_.begin() + static_cast<std::ptrdiff_t>(from), lines_.end()};
}

} // namespace troupe
