#include "tests/system/cli/fake_system.hpp"

#include <chrono>
#include <unistd.h>

namespace cli_test {

namespace {

constexpr std::chrono::seconds input_deadline{10};
constexpr std::string_view task_prefix = "/api/v1/tasks/t1";

} // namespace

fake_system::fake_system()
    : gateway_([this](const seen_request& request, connection& peer) { handle(request, peer); }) {
  folder_.write("token", "secret\n");
  folder_.write("ready.json", json{{"pid", ::getpid()},
                                   {"api", gateway_.address()},
                                   {"bridge", nullptr},
                                   {"scripts", nullptr},
                                   {"token_file", (folder_.path() / "token").string()},
                                   {"login", gateway_.address() + "/login?code=abc"}}
                                .dump());
}

fake_system::~fake_system() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
}

void fake_system::answer(const std::string& method_and_target, int status, const json& body) {
  const std::lock_guard lock(mutex_);
  answers_.emplace_back(method_and_target, std::pair{status, body});
}

void fake_system::print(const std::string& stream, const json& data) {
  {
    const std::lock_guard lock(mutex_);
    lines_.push_back(json{{"seq", lines_.size()}, {"stream", stream}, {"at", 0.1}, {"data", data}}.dump() + "\n");
  }
  changed_.notify_all();
}

void fake_system::end(const json& state) {
  {
    const std::lock_guard lock(mutex_);
    end_ = state;
  }
  changed_.notify_all();
}

void fake_system::break_streams() {
  {
    const std::lock_guard lock(mutex_);
    breaks_ = true;
  }
  changed_.notify_all();
}

std::string fake_system::input() const {
  const std::lock_guard lock(mutex_);
  return input_;
}

bool fake_system::input_closed() const {
  const std::lock_guard lock(mutex_);
  return input_closed_;
}

bool fake_system::wait_input_closed() const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, input_deadline, [&] { return input_closed_; });
}

bool fake_system::wait_input(const std::string& text) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, input_deadline, [&] { return input_ == text; });
}

void fake_system::handle(const seen_request& request, connection& peer) {
  if (request.head.find("Authorization: Bearer secret") == std::string::npos) {
    return peer.json(401, R"({"title":"Unauthorized","status":401,"detail":"no token"})");
  }
  std::optional<std::pair<int, json>> prepared;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [wanted, what] : answers_) {
      if ((request.method + " " + request.target).starts_with(wanted)) {
        prepared = what;
        break;
      }
    }
  }
  if (prepared) {
    return peer.json(prepared->first, prepared->second.dump());
  }
  if (request.method == "POST" && request.target == "/api/v1/tasks") {
    return peer.json(201, R"({"id":"t1","name":"task_t1","node":"first.main.admin","os_pid":7,"state":"running"})");
  }
  if (request.target.starts_with(task_prefix)) {
    return handle_task(request, peer);
  }
  peer.json(404, R"({"title":"Not Found","status":404,"detail":"no such path"})");
}

void fake_system::handle_task(const seen_request& request, connection& peer) {
  const auto rest = std::string_view{request.target}.substr(task_prefix.size());
  if (rest.starts_with("/output")) {
    return stream_output(request, peer);
  }
  if (rest.starts_with("/stdin")) {
    return take_stdin(request, peer);
  }
  if (request.method == "DELETE") {
    return peer.respond(204, "application/json", "");
  }
  peer.json(202, "{}");
  if (on_order && !rest.empty()) {
    on_order(std::string{rest.substr(1)});
  }
}

void fake_system::stream_output(const seen_request& request, connection& peer) {
  constexpr std::string_view from = "from=";
  auto next = std::stoul(request.target.substr(request.target.find(from) + from.size()));
  const bool follows = request.target.find("follow=true") != std::string::npos;
  peer.begin_chunks("application/x-ndjson");
  while (true) {
    std::string text;
    bool at_end = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return next < lines_.size() || !end_.is_null() || breaks_ || ending_ || !follows; });
      while (next < lines_.size()) {
        text += lines_[next++];
      }
      at_end = text.empty();
      if (at_end && (breaks_ || ending_)) {
        return; // without the last chunk: the connection is cut
      }
      if (at_end) {
        text = (end_.is_null() ? json{{"next", next}} : json{{"end", end_}, {"next", next}}).dump() + "\n";
      }
    }
    // in two pieces, as a network may cut it
    if (!peer.chunk(text.substr(0, text.size() / 2 + 1)) ||
        (text.size() > 1 && !peer.chunk(text.substr(text.size() / 2 + 1)))) {
      return;
    }
    if (at_end) {
      return peer.end_chunks();
    }
  }
}

void fake_system::take_stdin(const seen_request& request, connection& peer) {
  const int status = on_stdin ? on_stdin(request.body) : 200;
  if (status == 200) {
    const std::lock_guard lock(mutex_);
    input_ += request.body;
    input_closed_ = input_closed_ || request.target.find("close=true") != std::string::npos;
  }
  changed_.notify_all();
  peer.json(status, status == 200 ? json{{"bytes", request.body.size()}}.dump() : json{{"title", "refused"}}.dump());
}

} // namespace cli_test
