#include "tests/system/scripts/script_system.hpp"

#include "tests/system/harness/program_paths.hpp"

#include <fstream>

namespace system_test {
namespace {

namespace fs = std::filesystem;

system_options with_bridge() {
  system_options options;
  options.config = {{"bridge", {{"port", 0}}}};
  return options;
}

} // namespace

Scripts::Scripts() : system_(with_bridge()), app_(system_.folder().path() / "Application-7f3a") {
  fs::copy(fs::path(programs().sources) / "tests/system/scripts/app", app_, fs::copy_options::recursive);
}

std::string Scripts::start(const std::string& script, const json& params, const json& more) {
  json body{{"script", (app_ / script).string()}, {"params", params}, {"timeout", 120}};
  body.update(more);
  const auto got = system_.http("POST", "/api/v1/tasks", body.dump(), scaled(30s));
  EXPECT_EQ(got.status, 201) << got.body;
  return json::parse(got.body, nullptr, false).value("id", "");
}

Scripts::ended_run Scripts::run(const std::string& script, const json& params) {
  auto out = follow(start(script, params));
  EXPECT_EQ(out.state.value("state", ""), "succeeded") << out.state << "\n" << out.out << out.err;
  return out;
}

Scripts::ended_run Scripts::follow(const std::string& id) {
  ended_run out;
  out.id = id;
  auto call = system_.call("GET", "/api/v1/tasks/" + id + "/output?from=0&follow=true");
  call.limit = scaled(90s);
  http_lines(system_.gateway(), call, [&out](std::string_view line) {
    const auto record = json::parse(line, nullptr, false);
    if (record.is_object() && record.contains("end")) {
      out.state = record["end"];
      return false;
    }
    if (record.is_object() && record.contains("data") && record["data"].is_string()) {
      (record.value("stream", "") == "stderr" ? out.err : out.out) += record["data"].get<std::string>();
    }
    return true;
  });
  return out;
}

std::string Scripts::printed_by(const std::string& pid) const {
  std::string out;
  const auto call = system_.call("GET", "/api/v1/tasks/" + pid + "/output?from=0");
  http_lines(system_.gateway(), call, [&out](std::string_view line) {
    const auto record = json::parse(line, nullptr, false);
    if (record.is_object() && record.contains("data") && record["data"].is_string()) {
      out += record["data"].get<std::string>();
    }
    return true;
  });
  return out;
}

std::uint16_t Scripts::bridge_port() const {
  const auto ready = json::parse(std::ifstream(system_.state_dir() / "ready.json"), nullptr, false);
  const auto address = ready.is_object() && ready["bridge"].is_string() ? ready["bridge"].get<std::string>() : ":0";
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

troupe::bridge_client Scripts::connect(const std::string& pid) const {
  return troupe::bridge_client(bridge_port(), "/" + pid);
}

json Scripts::tree_of(const std::string& pid) const {
  return json::parse(system_.http("GET", "/api/v1/tasks/" + pid + "/tree").body, nullptr, false);
}

bool Scripts::install(const std::string& requirement, std::string& reason) const {
  program_options options;
  options.argv = {"/usr/bin/env", "python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                  "--target", app_.string(), requirement};
  const auto pip = run_program(options, scaled(90s));
  if (pip.state != exit_state{false, 0}) {
    reason = "no index gives " + requirement + ": " + pip.err;
    return false;
  }
  return true;
}

} // namespace system_test
