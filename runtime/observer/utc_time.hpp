#pragma once

#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>

namespace troupe {

/// ISO 8601 with milliseconds: `2026-01-02T03:04:05.678Z`. Later times are greater texts.
inline std::string utc_text(std::chrono::system_clock::time_point when) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  const auto used = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + used, sizeof text - used, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

inline std::string utc_now() {
  return utc_text(std::chrono::system_clock::now());
}

} // namespace troupe
