#pragma once

#include "runtime/access/access_keeper.hpp"
#include "tests/system/web_alone/raw_client.hpp"
#include "tests/unit/web/fake_door.hpp"
#include "web/server/web_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe {

/// The real server on a free port with a door of functions.
class WebAloneTest : public ::testing::Test {
protected:
  static constexpr const char* token = "token-for-the-tests-of-the-web-server";

  void start(web_limits limits = {}) {
    web_server_options options;
    options.limits = limits;
    options.log_file = log_file_;
    options.applications_folder = applications_folder_;
    options.log = [this](log_level, const std::string& line) {
      const std::lock_guard lock(log_mutex_);
      log_.push_back(line);
      log_grew_.notify_all();
    };
    server_ = std::make_unique<web_server>(actors_, access_, std::move(options));
    auto opened = server_->open({"127.0.0.1", 0, 5, "/"});
    ASSERT_TRUE(opened) << opened.error().text;
    door_ = std::move(*opened);
    const auto address = door_->address();
    port_ = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }

  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string bearer() const { return std::string("Authorization: Bearer ") + token + "\r\n"; }

  /// A request with Host and token.
  std::string ask(const std::string& method, const std::string& target, const std::string& body = "",
                  const std::string& more = "") const {
    std::string out = method + " " + target + " HTTP/1.1\r\nHost: " + host() + "\r\n" + bearer() + more;
    if (!body.empty()) {
      out += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return out + "\r\n" + body;
  }

  raw_client client() const { return raw_client(port_); }

  raw_client::answer exchange(const std::string& bytes) const {
    auto connection = client();
    connection.deadline = patience_;
    connection.send(bytes);
    return connection.read_answer();
  }

  /// The server still serves others.
  void expect_alive() const {
    const auto answer = exchange("GET /healthz HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
    EXPECT_EQ(answer.status, 200) << answer.head;
  }

  /// False if no line with `part` is logged within ten seconds.
  bool waits_until_logged(const std::string& part) {
    std::unique_lock lock(log_mutex_);
    return log_grew_.wait_for(lock, std::chrono::seconds(10), [&] {
      return std::ranges::any_of(log_, [&](const auto& line) { return line.find(part) != std::string::npos; });
    });
  }

  fake_door actors_{true};
  steady_access_clock clock_;
  access_keeper access_{token, clock_};
  std::string log_file_;
  std::string applications_folder_;
  std::mutex log_mutex_;
  std::condition_variable log_grew_;
  std::vector<std::string> log_;
  std::unique_ptr<web_server> server_;
  std::unique_ptr<open_listener> door_;
  std::uint16_t port_ = 0;
  std::chrono::milliseconds patience_{10'000};
};

} // namespace troupe
