#include "web/routes/output_stream.hpp"

#include "web/routes/problem.hpp"
#include "runtime/task_id/task_id.hpp"

#include "runtime/text_json/text_json.hpp"

#include <algorithm>

namespace troupe {
namespace {

constexpr int poll_s = 15;
// The process of a task may die and come back, and the task with it; all pauses together are about 8 s.
constexpr int most_failures = 12;
constexpr std::chrono::milliseconds first_pause{50};
constexpr std::chrono::milliseconds longest_pause{1'000};
constexpr std::size_t piece_bytes = 256u << 10;

/// What a record holds of output, as it was printed.
std::string text_of(const json& record) {
  const auto data = record.is_object() ? record.find("data") : record.end();
  if (!record.is_object() || data == record.end()) {
    return {};
  }
  return data->is_binary() ? std::string{data->get_binary().begin(), data->get_binary().end()}
         : data->is_string() ? data->get<std::string>()
                             : std::string{};
}

} // namespace

void output_stream::start(web_world& world, output_request wish, sink_ptr sink) {
  std::shared_ptr<output_stream>(new output_stream(world, std::move(wish), std::move(sink)))->ask_next();
}

void output_stream::ask_next() {
  // The first look does not wait: the client learns at once that the task exists.
  const int wait = wish_.follow && begun_ ? poll_s : 0;
  request what;
  what.recipient = task_name(wish_.task);
  what.command = "read_output";
  what.body = json{{"from", next_}, {"wait", wait}, {"max_bytes", piece_bytes}};
  what.timeout = seconds(wait + 10);
  if (is_past_) {
    what.recipient = world_.history;
    what.command = "read_run_output";
    what.body["id"] = wish_.task;
    what.body["wait"] = 0;
  }
  ++world_.counters.asks;
  world_.actors.ask(std::move(what), [self = shared_from_this()](message_ptr answer) {
    if (self->sink_->is_open()) {
      self->on_answer(*answer);
    }
  });
}

void output_stream::on_answer(const message& answer) {
  const json& body = answer.body();
  if (!answer.is("output") || !body.is_object() || !body.contains("records") || !body["records"].is_array() ||
      !body.contains("next") || !body["next"].is_number_unsigned()) {
    on_failure(answer);
    return;
  }
  if (!begun_) {
    begun_ = true;
    http_response head;
    head.content_type = wish_.text     ? "text/plain; charset=utf-8"
                        : wish_.events ? "text/event-stream; charset=utf-8"
                                       : "application/x-ndjson";
    sink_->begin(std::move(head));
  }
  failures_ = 0;
  const json& records = body["records"];
  const auto next = body["next"].get<std::uint64_t>();
  const bool moved = next > next_;
  next_ = next;
  const bool ended = body.contains("ended") && body["ended"] == true;
  // `ended` may come together with only a part of what is left; the end is told when nothing is.
  const bool last = ended ? !moved || records.empty() : !wish_.follow && (!moved || records.empty());
  std::string piece = format(records);
  if (last) {
    piece += format_end(body);
  } else if (piece.empty() && wish_.events) {
    piece = ":\n\n"; // shows proxies and browsers that the stream lives
  }
  if (piece.empty()) {
    go_on(last);
    return;
  }
  sink_->write(std::move(piece), [self = shared_from_this(), last](bool open) {
    if (open) {
      self->go_on(last);
    }
  });
}

void output_stream::go_on(bool last) {
  if (last) {
    sink_->end();
  } else {
    ask_next();
  }
}

void output_stream::on_failure(const message& answer) {
  if (answer.is("actor_is_not_found") && !is_past_) {
    is_past_ = true;
    ask_next();
    return;
  }
  if (wish_.follow && (answer.is("actor_has_failed") || answer.is("timer") || answer.is("run_is_not_over")) && ++failures_ < most_failures) {
    is_past_ = false; // its actor may be there again
    const auto pause = std::min(first_pause * (1 << failures_), longest_pause);
    world_.timer.after(pause, [self = shared_from_this()] {
      if (self->sink_->is_open()) {
        self->ask_next();
      }
    });
    return;
  }
  const auto refusal = answer.is("run_is_unknown") || (is_past_ && answer.is("is_not_handled")) || answer.is("actor_is_not_found")
                         ? problem(404, "there is no such task")
                       : answer.is("output_is_gone") ? problem_of_answer(410, answer, "reading the task's output")
                                                     : problem_of_answer(answer, "reading the task's output");
  if (!begun_) {
    sink_->respond(refusal);
    return;
  }
  std::string text = refusal.body;
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  const std::string line =
    wish_.text ? std::string{} : wish_.events ? "event: error\ndata: " + text + "\n\n" : "{\"error\":" + text + "}\n";
  if (line.empty()) {
    sink_->end();
    return;
  }
  sink_->write(line, [self = shared_from_this()](bool open) {
    if (open) {
      self->sink_->end();
    }
  });
}

std::string output_stream::format(const json& records) const {
  std::string out;
  for (const auto& record : records) {
    if (wish_.text) {
      out += text_of(record);
      continue;
    }
    const auto text = dump_text_json(record);
    if (!text) {
      continue;
    }
    if (wish_.events) {
      const auto seq = record.is_object() ? record.find("seq") : record.end();
      if (record.is_object() && seq != record.end()) {
        out += "id: " + seq->dump() + "\n";
      }
      out += "event: record\ndata: " + *text + "\n\n";
    } else {
      out += *text + "\n";
    }
  }
  return out;
}

std::string output_stream::format_end(const json& body) const {
  if (wish_.text) {
    return {};
  }
  json end{{"next", next_}};
  if (body.contains("ended") && body["ended"] == true) {
    end["end"] = body.contains("state") ? body["state"] : json(nullptr);
  }
  const auto text = dump_text_json(end);
  return wish_.events ? "event: end\ndata: " + text.value_or("{}") + "\n\n" : text.value_or("{}") + "\n";
}

} // namespace troupe
