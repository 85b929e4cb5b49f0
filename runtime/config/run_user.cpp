#include "runtime/config/run_user.hpp"

#include <charconv>
#include <optional>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace troupe {
namespace {

constexpr std::size_t entry_room = 16 * 1024;

std::optional<uid_t> number_of(const std::string& text) {
  uid_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

} // namespace

result<run_user> find_run_user(const std::string& text) {
  std::vector<char> room(entry_room);
  passwd entry{};
  passwd* found = nullptr;
  const auto number = number_of(text);
  if (number) {
    (void)::getpwuid_r(*number, &entry, room.data(), room.size(), &found);
  } else {
    (void)::getpwnam_r(text.c_str(), &entry, room.data(), room.size(), &found);
  }
  if (found == nullptr && !number) {
    return fail(error_code::not_found, "there is no user \"" + text + "\" on this machine");
  }
  const run_user out = found != nullptr ? run_user{found->pw_name, found->pw_uid, found->pw_gid}
                                        : run_user{text, *number, static_cast<gid_t>(*number)};
  if (out.uid == 0) {
    return fail(error_code::access_denied, "the user \"" + text + "\" is root, whose processes runs are already if this is empty");
  }
  if (::geteuid() != 0) {
    return fail(error_code::access_denied, "runs cannot be given to the user \"" + text +
                                             "\": only root can do that; run the daemon as root, or leave this empty");
  }
  return out;
}

} // namespace troupe
