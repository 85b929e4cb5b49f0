#include "runtime/applications/application_names.hpp"

#include "runtime/text_json/text_json.hpp"

#include <algorithm>
#include <random>

namespace troupe {
namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t most_name_bytes = 100;
constexpr std::size_t most_part_bytes = 200;
constexpr std::size_t most_path_bytes = 1'000;
constexpr std::size_t most_parts = 32;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

} // namespace

result<> check_application_name(const std::string& name) {
  const bool fits = !name.empty() && name.size() <= most_name_bytes && is_utf8(name) && !has_control(name) &&
                    name.find_first_of("/\\:") == std::string::npos && name.front() != '.' && name.front() != '-' &&
                    name.front() != ' ' && name.back() != ' ';
  return fits ? result<>{}
              : fail(error_code::bad_request,
                     "the name of an application has 1 to 100 bytes of text without / \\ : and control characters, does "
                     "not begin with . or - and neither begins nor ends with a blank");
}

result<std::vector<std::string>> parts_of_file_path(const std::string& path) {
  const auto refused = [](const std::string& why) {
    return fail(error_code::bad_request, "this is no path of a file in an application: " + why);
  };
  if (path.empty() || path.size() > most_path_bytes) {
    return refused("it has " + std::to_string(path.size()) + " bytes, 1 to 1000 are possible");
  }
  if (!is_utf8(path) || has_control(path) || path.find('\\') != std::string::npos) {
    return refused("it is UTF-8 without control characters and backslashes");
  }
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const auto stop = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, stop - at));
    at = stop + 1;
    const auto& part = parts.back();
    if (part.empty() || part == "." || part == ".." || part.size() > most_part_bytes) {
      return refused("it is relative, and each of its parts is a name of 1 to 200 bytes, not `.` or `..`");
    }
  }
  if (parts.size() > most_parts) {
    return refused("it has more than 32 parts");
  }
  if (parts.front() == application_own_folder) {
    return refused("the folder .troupe holds what the system knows of the application");
  }
  return parts;
}

bool is_script_name(std::string_view path) noexcept {
  return path.ends_with(".py") || path.ends_with(".py3") || path.ends_with(".sh");
}

std::string new_short_id(std::size_t length) {
  std::random_device source;
  std::uniform_int_distribution<std::size_t> any(0, letters.size() - 1);
  std::string out;
  for (std::size_t i = 0; i < length; ++i) {
    out += letters[any(source)];
  }
  return out;
}

bool is_short_id(std::string_view text, std::size_t length) noexcept {
  return text.size() == length && text.find_first_not_of(letters) == std::string_view::npos;
}

} // namespace troupe
