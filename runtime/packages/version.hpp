#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// A package version as in PEP 440: `[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]`. Ordered as versions, not as text:
/// 1.0.dev1 < 1.0a1 < 1.0rc1 < 1.0 == 1.0.0 < 1.0.post1 < 1.0.1. A local part orders after the same version without
/// one.
class version {
public:
  version() = default;

  /// Nothing if `text` is no version. Upper case, a leading `v` and spellings such as `1.0-alpha.1` are understood.
  static std::optional<version> parse(std::string_view text);

  /// Alpha, beta, candidate or development release: chosen only if asked for, or if there is nothing else.
  bool is_prerelease() const noexcept { return pre_kind_ != final_release || dev_.has_value(); }
  bool has_local() const noexcept { return !local_.empty(); }

  std::uint64_t epoch() const noexcept { return epoch_; }
  /// The numbers, trailing zeros kept.
  const std::vector<std::uint64_t>& release() const noexcept { return release_; }

  /// The same version without its local part.
  version without_local() const;
  /// Only epoch and release numbers.
  version base() const;
  bool is_post() const noexcept { return post_.has_value(); }

  std::string to_string() const;

  std::strong_ordering operator<=>(const version& other) const noexcept;
  bool operator==(const version& other) const noexcept { return (*this <=> other) == 0; }

private:
  enum kind : std::uint8_t { alpha, beta, candidate, final_release };

  std::uint64_t epoch_ = 0;
  std::vector<std::uint64_t> release_{0};
  kind pre_kind_ = final_release;
  std::uint64_t pre_number_ = 0;
  std::optional<std::uint64_t> post_;
  std::optional<std::uint64_t> dev_;
  std::string local_;
};

} // namespace troupe
