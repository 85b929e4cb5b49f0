#pragma once

#include "runtime/access/access_clock.hpp"
#include "runtime/access/login_codes.hpp"
#include "runtime/access/session_table.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Who may enter: holders of the token, and browsers with a session that began with a one-time code. Thread-safe.
class access_keeper {
public:
  /// `clock` outlives the keeper.
  access_keeper(std::string token, const access_clock& clock) : token_(std::move(token)), clock_(clock) {}

  bool is_token(std::string_view candidate) const noexcept;

  std::string issue_code();
  bool is_code(std::string_view code) const;
  /// Uses the code up; the new session's secret if the code was good.
  std::optional<std::string> log_in(std::string_view code);
  bool is_session(const std::string& id);
  void log_out(const std::string& id);

private:
  const std::string token_;
  const access_clock& clock_;
  mutable std::mutex mutex_;
  login_codes codes_;
  session_table sessions_;
};

} // namespace troupe
