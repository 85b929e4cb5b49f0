#include "nodes/troupe/state_dir.hpp"

#include <troupe/json.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace troupe::cli {

namespace fs = std::filesystem;

std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

fs::path find_state_dir(const std::string& typed, const environment& variables) {
  fs::path found;
  if (!typed.empty()) {
    found = typed;
  } else if (const auto own = variables("TROUPE_STATE_DIR"); !own.empty()) {
    found = own;
  } else if (const auto shared = variables("XDG_STATE_HOME"); shared.starts_with('/')) {
    found = fs::path{shared} / "troupe";
  } else if (const auto home = variables("HOME"); !home.empty()) {
    found = fs::path{home} / ".local" / "state" / "troupe";
  } else {
    found = "/var/lib/troupe";
  }
  std::error_code failed;
  const auto absolute = fs::absolute(found, failed).lexically_normal();
  return failed ? found : absolute;
}

std::string how_to_start(const fs::path& state_dir) {
  std::error_code failed;
  const auto usual = find_state_dir({}, environment_value);
  const bool is_usual = fs::weakly_canonical(usual, failed) == fs::weakly_canonical(state_dir, failed);
  return is_usual ? "start it with: troupe up" : "start it with: troupe up --state-dir " + state_dir.string();
}

attempt<ready_info> read_ready_file(const fs::path& state_dir) {
  const auto file = state_dir / "ready.json";
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    std::error_code failed;
    const bool is_there = fs::exists(file, failed) || failed;
    return give_up(exit_not_running,
                   is_there ? file.string() + " cannot be read: it belongs to another user"
                            : "no system is running on " + state_dir.string() + "; " + how_to_start(state_dir));
  }
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const json content = json::parse(text, nullptr, false);
  if (!content.is_object() || !content.contains("pid") || !content["pid"].is_number_integer() ||
      !content.contains("api") || !content["api"].is_string()) {
    return give_up(exit_not_running, file.string() + " is damaged; " + how_to_start(state_dir));
  }
  const auto text_of = [&](const char* key) {
    const auto found = content.find(key);
    return found != content.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  ready_info info;
  info.pid = content["pid"].get<int>();
  info.api = content["api"].get<std::string>();
  if (const auto scripts = content.find("scripts"); scripts != content.end() && scripts->is_string()) {
    info.scripts = scripts->get<std::string>();
  }
  info.login = text_of("login");
  info.settings = text_of("settings");
  const auto token_file = text_of("token_file");
  info.token_file = state_dir / (token_file.empty() ? "token" : token_file); // an absolute one stays as it is
  return info;
}

} // namespace troupe::cli
