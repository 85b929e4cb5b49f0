#pragma once

#include "web/routes/problem.hpp"
#include "web/routes/response_sink.hpp"
#include "web/port/loop_gate.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace troupe {

/// What a session does for the sink of its present request. The web server's thread.
class sink_target {
public:
  virtual ~sink_target() = default;
  virtual void respond(std::uint64_t request, http_response whole) = 0;
  virtual void begin(std::uint64_t request, http_response head) = 0;
  virtual void write(std::uint64_t request, std::string piece, std::function<void(bool)> done) = 0;
  virtual void end(std::uint64_t request) = 0;
  virtual void join(std::uint64_t request, const std::string& task) = 0;
  virtual bool is_answering(std::uint64_t request) const = 0;
  virtual bool is_open(std::uint64_t request) const = 0; ///< and its client is there
};

/// The sink of one request of a connection that may be gone. Used on the web server's thread; the last reference may go
/// on any.
class http_sink final : public response_sink {
public:
  http_sink(std::weak_ptr<sink_target> target, std::uint64_t request, std::shared_ptr<loop_gate> gate)
    : target_(std::move(target)), request_(request), gate_(std::move(gate)) {}

  ~http_sink() override {
    if (!done_) {
      gate_->post([target = std::move(target_), request = request_, begun = begun_] {
        if (const auto session = target.lock()) {
          if (begun) {
            session->end(request);
          } else {
            session->respond(request, problem(500, "the request was dropped without an answer"));
          }
        }
      });
    }
  }

  void respond(http_response whole) override {
    if (const auto session = target_.lock(); session && !std::exchange(done_, true)) {
      session->respond(request_, std::move(whole));
    }
  }
  void begin(http_response head) override {
    if (const auto session = target_.lock(); session && !done_ && !std::exchange(begun_, true)) {
      session->begin(request_, std::move(head));
    }
  }
  void write(std::string piece, std::function<void(bool)> done) override {
    const auto session = target_.lock();
    if (session && begun_ && !done_) {
      session->write(request_, std::move(piece), std::move(done));
    } else {
      done(false);
    }
  }
  void end() override {
    if (const auto session = target_.lock(); session && begun_ && !std::exchange(done_, true)) {
      session->end(request_);
    }
  }
  void join(const std::string& task) override {
    if (const auto session = target_.lock(); session && !begun_ && !std::exchange(done_, true)) {
      session->join(request_, task);
    }
  }
  bool is_open() const override {
    const auto session = target_.lock();
    return session && session->is_open(request_);
  }

private:
  std::weak_ptr<sink_target> target_;
  const std::uint64_t request_;
  std::shared_ptr<loop_gate> gate_;
  bool begun_ = false;
  bool done_ = false;
};

} // namespace troupe
