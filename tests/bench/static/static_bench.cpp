// Static files of an application through the gateway, with a login and all checks, beside Beast's plain way to serve files.
// One server thread each; one client thread with 32 connections that are kept.
#include "tests/bench/static/bare_file_server.hpp"
#include "tests/bench/support/bench_line.hpp"

#include "runtime/access/access_keeper.hpp"
#include "runtime/applications/application_store.hpp"
#include "tests/unit/web/fake_door.hpp"
#include "web/server/web_server.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace bench;

constexpr int rounds = 9;
constexpr int connections = 32;
constexpr int rows_of_requests = 150;
constexpr std::size_t file_bytes = 4'096;
constexpr auto token = "token-for-the-bench-of-static-files";

/// Connections of one server; each asks again when it has its answer.
class client {
public:
  client(std::uint16_t port, const std::string& target)
    : request_("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\nAuthorization: Bearer " + token +
               "\r\n\r\n") {
    for (auto& each : sockets_) {
      each = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in where{};
      where.sin_family = AF_INET;
      where.sin_port = htons(port);
      where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const int on = 1;
      ::setsockopt(each, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (::connect(each, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) {
        throw std::runtime_error("no connection");
      }
    }
  }
  ~client() {
    for (const int each : sockets_) {
      ::close(each);
    }
  }

  /// Requests a second.
  double measure() {
    const auto begin = std::chrono::steady_clock::now();
    for (int row = 0; row < rows_of_requests; ++row) {
      for (const int each : sockets_) {
        if (::send(each, request_.data(), request_.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request_.size())) {
          throw std::runtime_error("a request was not taken");
        }
      }
      for (const int each : sockets_) {
        read_answer(each);
      }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return connections * rows_of_requests / took.count();
  }

private:
  void read_answer(int socket) {
    std::size_t have = 0;
    for (;;) {
      const auto got = ::recv(socket, room_.data() + have, room_.size() - have, 0);
      if (got <= 0) {
        throw std::runtime_error("an answer was cut off");
      }
      have += static_cast<std::size_t>(got);
      const std::string_view text(room_.data(), have);
      const auto end = text.find("\r\n\r\n");
      if (end == std::string_view::npos) {
        continue;
      }
      if (!text.starts_with("HTTP/1.1 200")) {
        throw std::runtime_error("another answer came: " + std::string(text.substr(0, 200)));
      }
      if (have >= end + 4 + file_bytes) {
        return;
      }
    }
  }

  std::string request_;
  std::array<int, connections> sockets_{};
  std::array<char, 16'384> room_{};
};

void run(const std::filesystem::path& folder) {
  const troupe::application_store store(folder);
  const auto made = store.create("Bench");
  if (!made || !store.write_file(made->id, "pages/page.html", std::string(file_bytes, 'x')) ||
      !store.change_settings(made->id, {{"static_folder", "pages"}})) {
    throw std::runtime_error("the application cannot be made");
  }
  troupe::fake_door actors;
  const troupe::steady_access_clock clock;
  troupe::access_keeper access(token, clock);
  troupe::web_server_options options;
  options.applications_folder = folder;
  troupe::web_server server(actors, access, options);
  const auto opened = server.open({"127.0.0.1", 0, 5, "/"});
  if (!opened) {
    throw std::runtime_error(opened.error().text);
  }
  const auto address = (*opened)->address();
  const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  const bare_file_server bare(std::filesystem::path(made->folder) / "pages");
  client ours(port, "/app/" + made->id + "/page.html");
  client baseline(bare.port(), "/page.html");
  const auto both = measure_in_turn(rounds, [&] { return ours.measure(); }, [&] { return baseline.measure(); });
  print_line("static_file_per_s", both.value, "files/s", "Beast file_body", both.baseline);
}

} // namespace

int main(int argc, char** argv) {
  set_wanted(argc, argv);
  if (!is_wanted("static_file_per_s")) {
    return 0;
  }
  char name[] = "/tmp/troupe-static-bench-XXXXXX";
  const std::filesystem::path folder = ::mkdtemp(name);
  int code = 0;
  try {
    run(folder);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "static_bench: %s\n", problem.what());
    code = 1;
  }
  std::filesystem::remove_all(folder);
  return code;
}
