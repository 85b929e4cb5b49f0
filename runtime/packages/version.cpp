#include "runtime/packages/version.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace troupe {

namespace {

/// Reads a version from left to right.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {}

  bool at_end() const noexcept { return rest_.empty(); }

  bool take(std::string_view what) {
    if (!rest_.starts_with(what)) {
      return false;
    }
    rest_.remove_prefix(what.size());
    return true;
  }

  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (problem != std::errc{}) {
      return std::nullopt;
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  /// One of `words`, with an optional separator before it and between it and an optional number (0 if absent).
  template <std::size_t N>
  std::optional<std::pair<std::size_t, std::uint64_t>> tagged(const std::array<std::string_view, N>& words) {
    const auto start = rest_;
    separator();
    for (std::size_t i = 0; i < N; ++i) {
      if (take(words[i])) {
        const auto after_word = rest_;
        separator();
        if (const auto value = number()) {
          return std::pair{i, *value};
        }
        rest_ = after_word;
        return std::pair{i, std::uint64_t{0}};
      }
    }
    rest_ = start;
    return std::nullopt;
  }

  std::string_view rest() const noexcept { return rest_; }
  void restore(std::string_view rest) noexcept { rest_ = rest; }

private:
  void separator() {
    if (!rest_.empty() && (rest_[0] == '.' || rest_[0] == '-' || rest_[0] == '_')) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
};

bool is_local(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' && text.size() <= 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.'; });
}

/// Numbers order above words, and as numbers.
std::strong_ordering compare_local(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    if (a.empty() || b.empty()) {
      return a.empty() ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    const auto piece_a = a.substr(0, a.find('.'));
    const auto piece_b = b.substr(0, b.find('.'));
    const auto is_number = [](std::string_view piece) {
      return std::ranges::all_of(piece, [](char c) { return c >= '0' && c <= '9'; });
    };
    const auto plain = [](std::string_view piece) {
      while (piece.size() > 1 && piece.front() == '0') {
        piece.remove_prefix(1);
      }
      return piece;
    };
    std::strong_ordering order = std::strong_ordering::equal;
    if (is_number(piece_a) != is_number(piece_b)) {
      order = is_number(piece_a) ? std::strong_ordering::greater : std::strong_ordering::less;
    } else if (is_number(piece_a)) {
      order = plain(piece_a).size() <=> plain(piece_b).size();
      if (order == 0) {
        order = plain(piece_a) <=> plain(piece_b);
      }
    } else {
      order = piece_a <=> piece_b;
    }
    if (order != 0) {
      return order;
    }
    a.remove_prefix(std::min(a.size(), piece_a.size() + 1));
    b.remove_prefix(std::min(b.size(), piece_b.size() + 1));
  }
  return std::strong_ordering::equal;
}

} // namespace

std::optional<version> version::parse(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  version out;
  if (const auto plus = lower.find('+'); plus != std::string::npos) {
    out.local_ = lower.substr(plus + 1);
    std::ranges::replace(out.local_, '-', '.');
    std::ranges::replace(out.local_, '_', '.');
    if (!is_local(out.local_) || out.local_.find("..") != std::string::npos) {
      return std::nullopt;
    }
    lower.resize(plus);
  }
  if (lower.size() > 128) {
    return std::nullopt;
  }
  reader in(lower);
  in.take("v");
  auto first = in.number();
  if (first && in.take("!")) {
    out.epoch_ = *first;
    first = in.number();
  }
  if (!first) {
    return std::nullopt;
  }
  out.release_ = {*first};
  for (auto before = in.rest(); in.take("."); before = in.rest()) {
    const auto next = in.number();
    if (!next) {
      in.restore(before);
      break;
    }
    out.release_.push_back(*next);
  }
  static constexpr std::array<std::string_view, 8> pre_words{"alpha", "a", "beta", "b", "preview", "pre", "rc", "c"};
  static constexpr std::array<kind, 8> pre_kinds{alpha, alpha, beta, beta, candidate, candidate, candidate, candidate};
  if (const auto pre = in.tagged(pre_words)) {
    out.pre_kind_ = pre_kinds[pre->first];
    out.pre_number_ = pre->second;
  }
  if (const auto post = in.tagged(std::array<std::string_view, 3>{"post", "rev", "r"})) {
    out.post_ = post->second;
  }
  if (const auto dev = in.tagged(std::array<std::string_view, 1>{"dev"})) {
    out.dev_ = dev->second;
  }
  return in.at_end() ? std::optional(out) : std::nullopt;
}

version version::without_local() const {
  version out = *this;
  out.local_.clear();
  return out;
}

version version::base() const {
  version out;
  out.epoch_ = epoch_;
  out.release_ = release_;
  return out;
}

std::string version::to_string() const {
  std::string out = epoch_ == 0 ? std::string{} : std::to_string(epoch_) + "!";
  for (std::size_t i = 0; i < release_.size(); ++i) {
    out += (i == 0 ? "" : ".") + std::to_string(release_[i]);
  }
  if (pre_kind_ != final_release) {
    out += (pre_kind_ == alpha ? "a" : pre_kind_ == beta ? "b" : "rc") + std::to_string(pre_number_);
  }
  out += post_ ? ".post" + std::to_string(*post_) : std::string{};
  out += dev_ ? ".dev" + std::to_string(*dev_) : std::string{};
  return local_.empty() ? out : out + "+" + local_;
}

std::strong_ordering version::operator<=>(const version& other) const noexcept {
  if (const auto order = epoch_ <=> other.epoch_; order != 0) {
    return order;
  }
  for (std::size_t i = 0; i < std::max(release_.size(), other.release_.size()); ++i) {
    const auto a = i < release_.size() ? release_[i] : 0;
    const auto b = i < other.release_.size() ? other.release_[i] : 0;
    if (const auto order = a <=> b; order != 0) {
      return order;
    }
  }
  // A development release of the version itself (1.0.dev1) comes before its alphas; one of an alpha right before that.
  const auto stage = [](const version& v) {
    return v.pre_kind_ == final_release && !v.post_ && v.dev_ ? -1 : static_cast<int>(v.pre_kind_);
  };
  if (const auto order = stage(*this) <=> stage(other); order != 0) {
    return order;
  }
  if (const auto order = pre_number_ <=> other.pre_number_; order != 0) {
    return order;
  }
  if (const auto order = post_ <=> other.post_; order != 0) {
    return order;
  }
  if (dev_.has_value() != other.dev_.has_value()) {
    return dev_ ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (dev_ && *dev_ != *other.dev_) {
    return *dev_ <=> *other.dev_;
  }
  return compare_local(local_, other.local_);
}

} // namespace troupe
