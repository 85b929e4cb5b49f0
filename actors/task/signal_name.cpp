#include <actors/task/signal_name.hpp>

#include <csignal>
#include <cstring>
#include <string>

namespace troupe {

std::optional<int> signal_number(const json& value) {
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    return number >= 1 && number < NSIG ? std::optional<int>(static_cast<int>(number)) : std::nullopt;
  }
  if (!value.is_string()) {
    return std::nullopt;
  }
  auto name = value.get<std::string>();
  if (name.starts_with("SIG")) {
    name.erase(0, 3);
  }
  for (int number = 1; number < NSIG; ++number) {
    const char* known = ::sigabbrev_np(number);
    if (known != nullptr && name == known) {
      return number;
    }
  }
  return std::nullopt;
}

} // namespace troupe
