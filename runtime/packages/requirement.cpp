#include "runtime/packages/requirement.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace troupe {

namespace {

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool release_begins_with(const version& candidate, const version& wanted) {
  const auto& have = candidate.release();
  const auto& want = wanted.release();
  for (std::size_t i = 0; i < want.size(); ++i) {
    if ((i < have.size() ? have[i] : 0) != want[i]) {
      return false;
    }
  }
  return candidate.epoch() == wanted.epoch();
}

/// All but the last release number: `~=1.4.2` stays within `==1.4.*`.
bool within_series(const version& candidate, const version& wanted) {
  const auto& have = candidate.release();
  const auto& want = wanted.release();
  for (std::size_t i = 0; i + 1 < want.size(); ++i) {
    if ((i < have.size() ? have[i] : 0) != want[i]) {
      return false;
    }
  }
  return candidate.epoch() == wanted.epoch();
}

std::unexpected<error> malformed(std::string_view text, std::string why) {
  return fail(error_code::bad_request, "cannot read the requirement \"" + std::string(text) + "\": " + std::move(why) +
                                         "; it looks like \"name\" or \"name >=1.0, <2\"");
}

result<specifier> parse_specifier(std::string_view whole, std::string_view text) {
  using op = specifier::op;
  static constexpr std::array<std::pair<std::string_view, op>, 7> operators{{{"==", op::equal},
                                                                             {"!=", op::not_equal},
                                                                             {">=", op::at_least},
                                                                             {"<=", op::at_most},
                                                                             {"~=", op::compatible},
                                                                             {">", op::above},
                                                                             {"<", op::below}}};
  if (text.starts_with("===")) {
    return malformed(whole, "the operator === is not supported, write ==");
  }
  const auto found =
    std::ranges::find_if(operators, [&](const auto& candidate) { return text.starts_with(candidate.first); });
  if (found == operators.end()) {
    return malformed(whole, "\"" + std::string(text) + "\" does not begin with one of == != >= <= > < ~=");
  }
  specifier out;
  out.kind = found->second;
  auto number = trimmed(text.substr(found->first.size()));
  if (number.ends_with(".*")) {
    if (out.kind != op::equal && out.kind != op::not_equal) {
      return malformed(whole, "\".*\" goes with == and != only");
    }
    out.prefix = true;
    number.remove_suffix(2);
  }
  const auto parsed = version::parse(number);
  if (!parsed) {
    return malformed(whole, "\"" + std::string(number) + "\" is not a version");
  }
  out.wanted = *parsed;
  if (out.prefix && (parsed->is_prerelease() || parsed->is_post() || parsed->has_local())) {
    return malformed(whole, "\".*\" follows release numbers only");
  }
  if (out.kind == op::compatible && parsed->release().size() < 2) {
    return malformed(whole, "~= needs a version with two numbers or more");
  }
  if (parsed->has_local() && out.kind != op::equal && out.kind != op::not_equal) {
    return malformed(whole, "a local part (+...) goes with == and != only");
  }
  return out;
}

} // namespace

std::string normal_package_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      if (out.empty() || out.back() != '-') {
        out += '-';
      }
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

bool is_package_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && is_alnum(name.front()) && is_alnum(name.back()) &&
         std::ranges::all_of(name, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool specifier::matches(const version& candidate) const {
  const auto plain = candidate.without_local();
  switch (kind) {
  case op::equal:
  case op::not_equal: {
    const bool same =
      prefix ? release_begins_with(candidate, wanted) : (wanted.has_local() ? candidate == wanted : plain == wanted);
    return same == (kind == op::equal);
  }
  case op::at_least:
    return plain >= wanted;
  case op::at_most:
    return plain <= wanted;
  case op::above:
    // 1.0.post1 is not what somebody means by >1.0, unless post releases are named.
    return plain > wanted && !(candidate.is_post() && !wanted.is_post() && candidate.base() == wanted.base());
  case op::below:
    // Nor is 2.0rc1 meant by <2.0.
    return plain < wanted &&
           !(candidate.is_prerelease() && !wanted.is_prerelease() && candidate.base() == wanted.base());
  case op::compatible:
    return plain >= wanted && within_series(candidate, wanted);
  }
  return false;
}

result<requirement> requirement::parse(std::string_view text) {
  if (text.size() > 1024) {
    return malformed(text.substr(0, 60), "it is longer than 1024 characters");
  }
  auto rest = trimmed(text);
  const auto end =
    std::ranges::find_if_not(rest, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; }) -
    rest.begin();
  requirement out;
  out.name = std::string(rest.substr(0, static_cast<std::size_t>(end)));
  if (!is_package_name(out.name)) {
    return malformed(text, out.name.empty() ? "it does not begin with a package name"
                                            : "\"" + out.name + "\" is not a package name");
  }
  out.normal = normal_package_name(out.name);
  rest = trimmed(rest.substr(static_cast<std::size_t>(end)));
  if (rest.starts_with("[")) {
    return malformed(text, "extras ([...]) are not supported");
  }
  if (rest.find(';') != std::string_view::npos) {
    return malformed(text, "markers (behind ;) are not supported");
  }
  if (rest.starts_with("@")) {
    return malformed(text, "an address (behind @) is not supported; install the package into a package folder");
  }
  if (rest.starts_with("(") && rest.ends_with(")")) {
    rest = trimmed(rest.substr(1, rest.size() - 2));
  }
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    auto one = parse_specifier(text, trimmed(rest.substr(0, comma)));
    if (!one) {
      return std::unexpected(one.error());
    }
    out.specifiers.push_back(std::move(*one));
    if (comma == std::string_view::npos) {
      break;
    }
    rest = trimmed(rest.substr(comma + 1));
    if (rest.empty()) {
      return malformed(text, "a condition is missing behind the last comma");
    }
  }
  return out;
}

bool requirement::matches(const version& candidate) const {
  return std::ranges::all_of(specifiers, [&](const specifier& one) { return one.matches(candidate); });
}

bool requirement::names_prerelease() const {
  return std::ranges::any_of(specifiers, [](const specifier& one) {
    return one.kind != specifier::op::not_equal && one.wanted.is_prerelease();
  });
}

std::ptrdiff_t choose_version(const requirement& wanted, const std::vector<version>& versions) {
  std::ptrdiff_t best = -1;
  std::ptrdiff_t best_final = -1;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto& candidate = versions[i];
    if (!wanted.matches(candidate)) {
      continue;
    }
    const auto better = [&](std::ptrdiff_t than) {
      return than < 0 || candidate > versions[static_cast<std::size_t>(than)];
    };
    if (better(best)) {
      best = static_cast<std::ptrdiff_t>(i);
    }
    if (!candidate.is_prerelease() && better(best_final)) {
      best_final = static_cast<std::ptrdiff_t>(i);
    }
  }
  return best_final >= 0 && !wanted.names_prerelease() ? best_final : best;
}

} // namespace troupe
