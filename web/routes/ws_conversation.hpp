#pragma once

#include "web/routes/web_world.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

/// Where the answers of one websocket go; `done` when the text has left. The web server's thread.
class ws_sink {
public:
  virtual ~ws_sink() = default;
  virtual void send_text(std::string text, std::function<void()> done) = 0;
  /// Reading may go on: `wants_more()` became true.
  virtual void resume_reading() = 0;
};

/// The model's frames on one websocket: requests are handled one after the other, each answered before the next is
/// begun; a bounded number waits. Ends when the socket drops it.
class ws_conversation : public std::enable_shared_from_this<ws_conversation> {
public:
  ws_conversation(web_world& world, std::weak_ptr<ws_sink> sink) : world_(world), sink_(std::move(sink)) {}

  /// One text frame.
  void on_text(std::string text);
  /// A frame that is not text.
  void on_binary();
  /// False while so much waits that nothing more should be read.
  bool wants_more() const noexcept;

private:
  void handle_next();
  void handle(const std::string& text);
  void answer(std::string text);

  static constexpr std::size_t max_waiting = 256;
  static constexpr std::size_t max_waiting_bytes = 8u << 20;

  web_world& world_;
  std::weak_ptr<ws_sink> sink_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool busy_ = false;
};

} // namespace troupe
