#pragma once

#include "runtime/applications/application_store.hpp"
#include "runtime/process/unique_fd.hpp"

#include <sys/stat.h>

#include <list>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// An application as the gateway serves it: what its meta file said when it was looked at.
struct served_application {
  std::string id;
  application_settings settings;
  std::vector<std::string> static_folder; ///< parts; none with `has_static`: the application's own folder
  bool has_static = false;
  unique_fd folder;
  struct stat seen {}; ///< of the meta file
};

/// Looks the application up on disk. Waits for it: not on the web server's thread.
result<std::shared_ptr<const served_application>> load_served_application(const application_store& store,
                                                                          const std::string& id);

/// The applications that were served last. Each is held against its meta file before it is used, so a change is seen at the
/// next request. One thread.
class app_index {
public:
  static constexpr std::size_t most_kept = 64;

  /// Null: not known, or not as it was.
  std::shared_ptr<const served_application> find(const std::string& id);
  void keep(std::shared_ptr<const served_application> what);

private:
  std::list<std::shared_ptr<const served_application>> kept_; ///< the last used first
};

} // namespace troupe
