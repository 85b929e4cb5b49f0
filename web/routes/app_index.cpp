#include "web/routes/app_index.hpp"

#include "runtime/applications/application_place.hpp"

#include <fcntl.h>

#include <algorithm>
#include <string>

namespace troupe {
namespace {

const std::string& meta_path() {
  static const auto& path = *new std::string(std::string(application_own_folder) + "/application.json");
  return path;
}

bool same(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

bool is_current(const served_application& what) {
  struct stat now {};
  return ::fstatat(what.folder.get(), meta_path().c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == what.seen.st_ino &&
         now.st_size == what.seen.st_size && same(now.st_mtim, what.seen.st_mtim) && same(now.st_ctim, what.seen.st_ctim);
}

} // namespace

result<std::shared_ptr<const served_application>> load_served_application(const application_store& store,
                                                                          const std::string& id) {
  const auto folder = store.folder_of(id);
  if (!folder) {
    return std::unexpected(folder.error());
  }
  auto out = std::make_shared<served_application>();
  out->id = id;
  out->folder = unique_fd{::open(folder->c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!out->folder || ::fstatat(out->folder.get(), meta_path().c_str(), &out->seen, AT_SYMLINK_NOFOLLOW) != 0) {
    return fail(error_code::not_found, "there is no application with this id");
  }
  const auto found = store.get(id);
  if (!found || !found->problem.empty()) {
    return fail(error_code::io_error, found ? found->problem : found.error().text);
  }
  out->settings = found->settings;
  const auto& pages = out->settings.static_folder;
  out->has_static = !pages.empty();
  if (out->has_static && pages != "/") {
    out->static_folder = parts_of_file_path(pages).value_or(std::vector<std::string>{});
  }
  return out;
}

std::shared_ptr<const served_application> app_index::find(const std::string& id) {
  const auto found = std::ranges::find_if(kept_, [&](const auto& each) { return each->id == id; });
  if (found == kept_.end()) {
    return nullptr;
  }
  if (!is_current(**found)) {
    kept_.erase(found);
    return nullptr;
  }
  kept_.splice(kept_.begin(), kept_, found);
  return kept_.front();
}

void app_index::keep(std::shared_ptr<const served_application> what) {
  std::erase_if(kept_, [&](const auto& each) { return each->id == what->id; });
  kept_.push_front(std::move(what));
  if (kept_.size() > most_kept) {
    kept_.pop_back();
  }
}

} // namespace troupe
