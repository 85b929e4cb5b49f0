#include "tests/system/script_server/script_server_system.hpp"

#include <fstream>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace system_test {
namespace {

system_options options_of(const json& settings) {
  system_options options;
  options.config = {{"script_server", {{"port", 0}}}, {"venvs", {{"use", false}, {"prepare_at_start", false}}}};
  options.config.merge_patch(settings);
  return options;
}

} // namespace

ScriptServer::ScriptServer(const json& settings)
  : system_(options_of(settings)), place_(gateway_address::parse(system_.ready().at("scripts").get<std::string>())) {}

http_answer ScriptServer::call(std::string_view method, std::string_view target, std::string_view body,
                               std::map<std::string, std::string> headers) const {
  http_call what;
  what.method = method;
  what.target = target;
  what.body = body;
  what.headers = std::move(headers);
  what.limit = scaled(60s);
  return http_request(place_, what);
}

void ScriptServer::store(const std::string& name, const std::string& code, json more) const {
  more["name"] = name;
  more["code"] = code;
  const auto got = call("POST", "/scripts", more.dump());
  EXPECT_EQ(got.status, 201) << got.body;
}

json ScriptServer::run(const std::string& name, const json& body, std::map<std::string, std::string> headers) const {
  const auto got = call("POST", "/run/" + name, body.dump(), std::move(headers));
  EXPECT_EQ(got.status, 200) << got.body;
  return json::parse(got.body, nullptr, false);
}

std::string modern_python() {
  for (const char* name : {"python3", "python3.12", "python3.13", "python3.14"}) {
    program_options options;
    options.argv = {"/usr/bin/env", name, "-c", "import sys; print(sys.executable if sys.version_info >= (3, 12) else '')"};
    const auto got = run_program(options, scaled(20s));
    const auto path = got.out.substr(0, got.out.find('\n'));
    if (got.state == exit_state{false, 0} && !path.empty()) {
      return path;
    }
  }
  return {};
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof place;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&place), size), 0);
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&place), &size), 0);
  ::close(fd);
  return ntohs(place.sin_port);
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    out.push_back(line);
  }
  return out;
}

} // namespace system_test
