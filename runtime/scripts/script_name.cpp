#include "runtime/scripts/script_name.hpp"

#include <string>

namespace troupe {
namespace {

constexpr std::string_view first_letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
constexpr std::string_view suffix = ".py";

} // namespace

result<> check_script_name(std::string_view name) {
  if (!name.ends_with(suffix) || name.size() == suffix.size()) {
    return fail(error_code::bad_request, "the name of a script must end in .py, as hello.py");
  }
  if (name.size() > longest_script_name) {
    return fail(error_code::bad_request,
                "the name of a script may have at most " + std::to_string(longest_script_name) + " characters");
  }
  if (first_letters.find(name.front()) == std::string_view::npos) {
    return fail(error_code::bad_request, "the name of a script must begin with a letter, a digit or _");
  }
  const auto is_allowed = [](char c) { return first_letters.find(c) != std::string_view::npos || c == '-' || c == '.'; };
  for (const char c : name) {
    if (!is_allowed(c)) {
      return fail(error_code::bad_request,
                  "the name of a script has letters (a to z), digits, `_`, `-` and `.` only, and no path");
    }
  }
  return {};
}

} // namespace troupe
