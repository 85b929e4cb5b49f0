#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace troupe {

/// Keys that open one application to its own pages. A page of an application has an origin of its own, so no cookie comes
/// with what it asks for; the key is a part of its address instead. A key lives as long as the session it was given to.
class page_keys {
public:
  static constexpr std::size_t most_keys = 2'000; ///< the oldest are forgotten

  /// The key of this session for the application: the same one each time.
  std::string key_for(const std::string& application, const std::string& session);
  bool opens(const std::string& key, const std::string& application,
             const std::function<bool(const std::string& session)>& is_session) const;

private:
  struct entry {
    std::string key;
    std::string application;
    std::string session;
  };
  std::deque<entry> entries_;
};

} // namespace troupe
