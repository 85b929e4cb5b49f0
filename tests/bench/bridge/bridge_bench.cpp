// What the bridge adds: the way of a message from a websocket through the bridge of a running system to a task's unix
// socket and back, beside a websocket that is echoed at once by a bare server.
#include "tests/bench/support/bench_line.hpp"
#include "tests/process/bridge/task_end.hpp"
#include "tests/system/harness/test_system.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace {

using namespace bench;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using socket_stream = websocket::stream<tcp::socket>;
using steady = std::chrono::steady_clock;

constexpr int rounds = 9;
constexpr int echoes = 1'000;
const std::string payload(64, 'x');
const std::string pid = "94edcac2-3529-4699-8468-d3a0c00696c2";

/// A connected websocket.
class echo_client {
public:
  echo_client(std::uint16_t port, const std::string& target) : stream_(io_) {
    stream_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.next_layer().set_option(tcp::no_delay(true));
    stream_.handshake("127.0.0.1:" + std::to_string(port), target);
  }

  /// Microseconds of one echo, the median of many.
  double measure() {
    std::vector<double> times;
    for (int i = 0; i < echoes; ++i) {
      const auto begin = steady::now();
      stream_.write(asio::buffer(payload));
      stream_.read(buffer_);
      times.push_back(std::chrono::duration<double, std::micro>(steady::now() - begin).count());
      if (buffer_.size() != payload.size()) {
        throw std::runtime_error("an echo of another size came back");
      }
      buffer_.clear();
    }
    return median(std::move(times));
  }

private:
  asio::io_context io_;
  socket_stream stream_;
  beast::flat_buffer buffer_;
};

/// A websocket server that sends back what it gets, to one client.
class bare_echo {
public:
  bare_echo() : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}), thread_([this] { serve(); }) {}
  ~bare_echo() { thread_.join(); }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
  void serve() {
    socket_stream stream(acceptor_.accept());
    stream.next_layer().set_option(tcp::no_delay(true));
    stream.accept();
    beast::flat_buffer buffer;
    beast::error_code fault;
    while (!fault) {
      stream.read(buffer, fault);
      if (!fault) {
        stream.text(stream.got_text());
        stream.write(buffer.data(), fault);
        buffer.clear();
      }
    }
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

std::uint16_t bridge_port(const system_test::test_system& system) {
  const auto address = system.ready().at("bridge").get<std::string>();
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

void run() {
  system_test::system_options options;
  options.config = {{"bridge", {{"port", 0}}}};
  system_test::test_system system(options);
  troupe::task_end task((system.state_dir() / "runs").string(), pid);
  task.listen();
  std::thread echo([&task] {
    auto end = task.accept();
    while (end) {
      const auto got = end->receive();
      if (got.kind != 1 || !end->send(troupe::bridge_kind::text, got.payload)) {
        return;
      }
    }
  });
  {
    bare_echo bare;
    echo_client ours(bridge_port(system), "/" + pid);
    echo_client baseline(bare.port(), "/");
    const auto both = measure_in_turn(rounds, [&] { return ours.measure(); }, [&] { return baseline.measure(); });
    print_line("bridge_echo_p50_us", both.value, "µs", "bare websocket echo", both.baseline);
  }
  echo.join();
  std::filesystem::remove_all(system.state_dir() / "runs" / pid);
}

} // namespace

int main(int argc, char** argv) {
  set_wanted(argc, argv);
  testing::InitGoogleTest();
  if (!is_wanted("bridge_echo_p50_us")) {
    return 0;
  }
  try {
    run();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "bridge_bench: %s\n", problem.what());
    return 1;
  }
  return testing::Test::HasFailure() ? 1 : 0;
}
