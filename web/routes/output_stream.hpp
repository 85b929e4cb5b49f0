#pragma once

#include "web/routes/response_sink.hpp"
#include "web/routes/web_world.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace troupe {

struct output_request {
  std::string task;
  std::uint64_t from = 0;
  bool follow = false; ///< goes on until the task has ended
  bool events = false; ///< server-sent events instead of lines
  bool text = false;   ///< nothing but what the task printed
};

/// One reader of one task's output. Asks the task for the next records only when the client took the last ones, so a
/// slow client holds nothing here. Lives as long as an ask or a write of it is under way.
class output_stream : public std::enable_shared_from_this<output_stream> {
public:
  static void start(web_world& world, output_request wish, sink_ptr sink);

private:
  output_stream(web_world& world, output_request wish, sink_ptr sink)
    : world_(world), wish_(std::move(wish)), next_(wish_.from), sink_(std::move(sink)) {}

  void ask_next();
  void on_answer(const message& answer);
  void on_failure(const message& answer);
  void go_on(bool last);
  std::string format(const json& records) const;
  std::string format_end(const json& body) const;

  web_world& world_;
  const output_request wish_;
  std::uint64_t next_;
  sink_ptr sink_;
  bool begun_ = false;
  bool is_past_ = false; ///< the task has no actor: the history is asked
  int failures_ = 0; ///< one after the other
};

} // namespace troupe
