#pragma once

#include "runtime/packages/version.hpp"

#include <troupe/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Lower case, and runs of `-`, `_` and `.` as one `-`: two names are one package if this is equal.
std::string normal_package_name(std::string_view name);

/// Letters, digits, `.`, `_`, `-`; first and last a letter or digit.
bool is_package_name(std::string_view name);

/// One condition on a version: an operator of PEP 440 and a version.
struct specifier {
  enum class op { equal, not_equal, at_least, at_most, above, below, compatible };

  op kind = op::equal;
  version wanted;
  bool prefix = false; ///< `==1.*`, `!=1.*`

  bool matches(const version& candidate) const;
};

/// Which package, and which of its versions: `name specifier, specifier` (PEP 508). Extras, markers and addresses have
/// no meaning for shared libraries and are refused rather than ignored.
struct requirement {
  std::string name;   ///< as written
  std::string normal; ///< as `normal_package_name` gives it
  std::vector<specifier> specifiers;

  /// Fails with `bad_request`; the text says what is wrong with `text`.
  static result<requirement> parse(std::string_view text);

  /// Whether all conditions hold, without regard to pre-releases.
  bool matches(const version& candidate) const;
  /// Whether a condition names a pre-release itself, so that pre-releases count like others.
  bool names_prerelease() const;
};

/// The place of the highest version that fits; pre-releases only if asked for or if nothing else fits. -1: none fits.
std::ptrdiff_t choose_version(const requirement& wanted, const std::vector<version>& versions);

} // namespace troupe
