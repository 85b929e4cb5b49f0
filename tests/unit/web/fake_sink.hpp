#pragma once

#include "web/routes/response_sink.hpp"

#include <optional>
#include <string>

namespace troupe {

/// Keeps what a route answered. `open = false` plays a client that left.
class fake_sink final : public response_sink {
public:
  void respond(http_response whole) override { response = std::move(whole); }
  void begin(http_response head) override {
    response = std::move(head);
    streams = true;
  }
  void write(std::string piece, std::function<void(bool)> done) override {
    response->body += piece;
    done(open);
  }
  void end() override { ended = true; }
  void join(const std::string& task) override { joined = task; }
  bool is_open() const override { return open; }

  std::optional<http_response> response;
  std::string joined;
  bool streams = false;
  bool ended = false;
  bool open = true;
};

} // namespace troupe
