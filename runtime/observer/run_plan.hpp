#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What an observer has to run. Travels as CBOR, so no text in it needs to be UTF-8; `warm` does not travel.
struct run_plan {
  std::string id;
  std::string folder;            ///< the run's folder; made by the observer. The script's own is `<folder>/work`
  std::vector<std::string> argv; ///< argv[0] without a slash is looked up on the PATH of `env`
  std::map<std::string, std::string> env; ///< all there is, but for the mark that the observer adds
  std::string cwd;                        ///< empty: `<folder>/work`
  std::string script;                     ///< a file that must be readable, or empty
  bool stdin_open = false;
  std::vector<std::string> prelude; ///< the first records of the spool: what was said before the script could start
  std::optional<std::chrono::milliseconds> timeout;   ///< wall time; none: unlimited
  std::chrono::milliseconds stop_grace{5'000};        ///< between SIGTERM and SIGKILL
  std::chrono::milliseconds orphan_grace{10'000};     ///< how long the run goes on when nobody holds its control socket
  std::uint64_t spool_limit = std::uint64_t{1} << 30; ///< bytes; above it output is counted and dropped
  bool keep_stdout = true; ///< else it is drained and only counted
  bool keep_stderr = true;
  // Of the whole process tree; nothing: no limit.
  std::optional<std::uint64_t> memory_limit;             ///< bytes
  std::optional<std::uint64_t> process_limit;            ///< and threads
  std::optional<std::chrono::milliseconds> cpu_limit;    ///< processor time
  std::optional<std::uint64_t> disk_limit;               ///< bytes in its work folder
  std::optional<std::uint64_t> open_file_limit;          ///< of each process
  /// The script's user and group, which it alone has; nothing: the observer's own, which must be root to give another.
  struct owner {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string name; ///< for what is told
  };
  std::optional<owner> user;
  bool own_pid_namespace = true;                         ///< where the system allows it
  bool warm = false; ///< the run may come from a prepared interpreter, where there is one (`prepared_observers`)
  std::string guard;                                     ///< "cgroup_v1" or "polling" leaves out what is better; empty: the best
};

json to_json(const run_plan& plan);
result<run_plan> run_plan_from_json(const json& value);

/// The files of a run.
inline std::string work_folder_of(const std::string& folder) {
  return folder + "/work";
}
inline std::string spool_file_of(const std::string& folder) {
  return folder + "/spool";
}
inline std::string result_file_of(const std::string& folder) {
  return folder + "/result.json";
}
inline std::string lock_file_of(const std::string& folder) {
  return folder + "/lock";
}

/// Where its observer can be reached, and where the script reaches it.
inline std::string attach_socket_of(const std::string& folder) {
  return folder + "/attach";
}
inline std::string call_socket_of(const std::string& folder) {
  return folder + "/call";
}

/// The environment variable that names `call_socket_of` to the script.
inline constexpr const char* call_variable = "TROUPE_OBSERVER";

/// The environment variable by which processes of a run are recognised: `TROUPE_RUN=<id>`.
inline constexpr const char* run_mark = "TROUPE_RUN";

} // namespace troupe
