#include <runtime/observer/run_remains.hpp>

#include <runtime/observer/run_plan.hpp>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace troupe {

unique_fd take_run_lock(const std::string& folder) {
  ::mkdir(folder.c_str(), 0700);
  unique_fd lock{::open(lock_file_of(folder).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    lock.reset();
  }
  return lock;
}

std::optional<run_result> kept_result(const std::string& folder) {
  std::ifstream file{result_file_of(folder)};
  if (!file) {
    return std::nullopt;
  }
  std::stringstream text;
  text << file.rdbuf();
  auto kept = run_result_from_json(json::parse(text.str(), nullptr, false));
  return kept ? std::optional{std::move(*kept)} : std::nullopt;
}

bool keep_result(const std::string& folder, const run_result& what, const json& more) {
  auto value = to_json(what);
  value.update(more);
  const auto file = result_file_of(folder);
  const auto draft = file + ".new";
  const auto text = value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  const unique_fd out{::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  return out && ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         ::rename(draft.c_str(), file.c_str()) == 0;
}

} // namespace troupe
