#pragma once

#include "runtime/applications/application_store.hpp"
#include "tests/unit/access/fake_access_clock.hpp"
#include "tests/unit/web/fake_door.hpp"
#include "tests/unit/web/fake_sink.hpp"
#include "web/routes/site.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A timer that a test fires.
class fake_web_timer final : public web_timer {
public:
  void after(std::chrono::milliseconds, std::function<void()> done) override { waiting.push_back(std::move(done)); }
  std::vector<std::function<void()>> waiting;
};

/// Works at once, unless it is full.
class fake_web_background final : public web_background {
public:
  bool run(std::size_t, std::function<std::function<void()>()> work) override {
    if (!is_full) {
      work()();
    }
    return !is_full;
  }
  bool is_full = false;
};

/// A whole site without sockets: requests of the token's holder by default.
class SiteTest : public ::testing::Test {
protected:
  static constexpr const char* token = "token-for-the-tests-of-the-routes";

  explicit SiteTest(const std::filesystem::path& applications = {})
    : access_(token, clock_),
      applications_(applications.empty() ? nullptr : std::make_unique<application_store>(applications)) {
    web_world world{actors_, access_, timer_, counters_};
    world.address = "http://127.0.0.1:9090";
    world.cookie = "troupe_session_9090";
    world.version = "9.9";
    world.applications = applications_.get();
    world.background = &background_;
    site_ = std::make_unique<site>(std::move(world), "127.0.0.1", 9090);
  }

  http_request make(const std::string& method, const std::string& target, std::vector<http_field> more = {}) const {
    http_request out;
    out.method = method;
    out.target = target;
    out.fields = {{"host", "127.0.0.1:9090"}, {"authorization", std::string("Bearer ") + token}};
    out.fields.insert(out.fields.end(), more.begin(), more.end());
    return out;
  }

  std::shared_ptr<fake_sink> call(const std::string& method, const std::string& target, const std::string& body = "",
                                  std::vector<http_field> more = {}) {
    auto request = make(method, target, std::move(more));
    if (!body.empty()) {
      request.fields.push_back({"content-length", std::to_string(body.size())});
    }
    auto sink = std::make_shared<fake_sink>();
    auto decision = site_->admit(request, true);
    if (auto* refusal = std::get_if<http_response>(&decision)) {
      sink->respond(std::move(*refusal));
      return sink;
    }
    request.body = body;
    site_->run(std::get<admission>(decision), std::move(request), sink);
    return sink;
  }

  unsigned status(const std::string& method, const std::string& target, const std::string& body = "") {
    return call(method, target, body)->response->status;
  }
  json answer(const std::string& method, const std::string& target, const std::string& body = "") {
    return json::parse(call(method, target, body)->response->body);
  }

  fake_door actors_;
  fake_access_clock clock_;
  access_keeper access_;
  fake_web_timer timer_;
  web_counters counters_;
  std::unique_ptr<application_store> applications_;
  fake_web_background background_;
  std::unique_ptr<site> site_;
};

} // namespace troupe
