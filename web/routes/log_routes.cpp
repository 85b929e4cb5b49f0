#include "web/routes/log_routes.hpp"

#include "web/routes/log_tail.hpp"
#include "web/routes/problem.hpp"

#include <charconv>
#include <memory>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t default_lines = 200;
constexpr std::size_t max_lines = 100'000;
constexpr std::chrono::milliseconds poll_time{250};

/// One reader of the log; takes the next piece when the client took the last.
class log_stream : public std::enable_shared_from_this<log_stream> {
public:
  log_stream(web_timer& timer, const std::string& path, sink_ptr sink, bool follow)
    : timer_(timer), tail_(path), sink_(std::move(sink)), follow_(follow) {}

  void start(std::size_t lines) {
    if (auto found = tail_.seek_last(lines); !found) {
      sink_->respond(problem(found.error()));
      return;
    }
    http_response head;
    head.content_type = "text/plain; charset=utf-8";
    sink_->begin(std::move(head));
    next();
  }

private:
  void next() {
    if (!sink_->is_open()) {
      return;
    }
    auto piece = tail_.read_more();
    if (!piece || (piece->empty() && !follow_)) {
      sink_->end();
    } else if (piece->empty()) {
      timer_.after(poll_time, [self = shared_from_this()] { self->next(); });
    } else {
      sink_->write(std::move(*piece), [self = shared_from_this()](bool open) {
        if (open) {
          self->next();
        }
      });
    }
  }

  web_timer& timer_;
  log_tail tail_;
  sink_ptr sink_;
  const bool follow_;
};

} // namespace

void log_routes::add_to(route_table& table) {
  table.add({"GET", "/api/v1/log", route_access::logged_in, 0, [this](route_call call) { get(std::move(call)); }});
}

void log_routes::get(route_call call) {
  if (world_.log_file.empty()) {
    call.sink->respond(problem(404, "this gateway knows of no log file"));
    return;
  }
  std::size_t lines = default_lines;
  if (const auto* text = call.request.query_value("lines")) {
    const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), lines);
    if (fault != std::errc{} || end != text->data() + text->size() || lines > max_lines) {
      call.sink->respond(problem(400, "`lines` must be a whole number up to 100000"));
      return;
    }
  }
  const auto* follow = call.request.query_value("follow");
  const bool follows = follow != nullptr && (*follow == "true" || *follow == "1");
  std::make_shared<log_stream>(world_.timer, world_.log_file, call.sink, follows)->start(lines);
}

} // namespace troupe
