#include <actors/task/venv_step.hpp>

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr int most_tries = 10;
constexpr seconds retry_pause{1};
constexpr std::size_t most_line_bytes = 256u << 10;

std::string text_of(const json& body, const char* key) {
  const auto found = body.is_object() ? body.find(key) : body.end();
  return body.is_object() && found != body.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool is_python(const std::string& script) { return script.ends_with(".py") || script.ends_with(".py3"); }

/// The reason of a builder that could not, with the last thing its tool has said.
std::string failure_of(const std::string& name, const message& answer) {
  if (answer.is("actor_is_not_found")) {
    return "there is no builder of environments in this system";
  }
  auto text = "its environment " + name + " is not ready: ";
  const auto& body = answer.body();
  const auto reason = text_of(body, "reason");
  text += reason.empty() ? answer.command() : reason;
  if (body.is_object() && body.contains("lines") && body["lines"].is_array() && !body["lines"].empty() &&
      body["lines"].back().is_string()) {
    text += "; the last line: " + body["lines"].back().get<std::string>();
  }
  return text;
}

} // namespace

bool venv_step::begin(context& where, const task_ports& ports, const start_request& wish, const std::string& run,
                      std::function<void()> told, done ended) {
  name_ = !wish.venv.empty() ? wish.venv : ports.use_venvs && !wish.no_venv && is_python(wish.script) ? ports.default_venv : std::string{};
  if (name_.empty()) {
    return false;
  }
  held_ = true;
  run_ = run;
  clean_ = wish.clean_venv;
  builder_ = ports.venv_builder;
  patience_s_ = 2 * ports.venv_timeout_s + 60; // the builder's own limit, and a change that is before ours
  told_ = std::move(told);
  waiting_ = std::make_shared<done>(std::move(ended));
  ask(where, most_tries);
  return true;
}

void venv_step::ask(context& where, int tries_left) {
  request what{address{builder_}, "acquire_venv",
               json{{"name", name_}, {"clean", clean_}, {"run", run_}, {"actor", where.name()}}, {}, {}, {}};
  what.timeout = seconds{patience_s_};
  where.ask_then(std::move(what), [this, &where, tries_left, wish = std::weak_ptr(waiting_)](message_ptr answer) {
    if (!wish.expired()) {
      answered(where, *answer, tries_left);
    }
  });
}

void venv_step::answered(context& where, const message& answer, int tries_left) {
  if (answer.is("actor_has_failed") && tries_left > 0) { // it comes back with its process
    where.after(retry_pause, [this, &where, tries_left, wish = std::weak_ptr(waiting_)] {
      if (!wish.expired()) {
        ask(where, tries_left - 1);
      }
    });
    return;
  }
  const auto tell = std::exchange(waiting_, nullptr);
  if (!answer.is("venv_is_ready")) {
    held_ = false;
    (*tell)(fail(error_code::unavailable, failure_of(name_, answer)));
    return;
  }
  bin_ = text_of(answer.body(), "bin");
  path_ = text_of(answer.body(), "path");
  python_ = text_of(answer.body(), "python");
  (*tell)({});
}

void venv_step::progress(const message& what) {
  const auto& body = what.body();
  if (!is_waiting() || text_of(body, "run") != run_ || !body.contains("lines") || !body["lines"].is_array()) {
    return;
  }
  for (const auto& line : body["lines"]) {
    if (line.is_string()) {
      add(line.get<std::string>());
    }
  }
  if (const auto tell = std::exchange(told_, nullptr)) {
    tell();
  }
  serve_readers();
}

void venv_step::add(const std::string& line) {
  if (bytes_ < most_line_bytes) {
    lines_.push_back(line + "\n");
    bytes_ += lines_.back().size();
  }
}

void venv_step::say(const std::string& line) {
  add(line);
  serve_readers();
}

void venv_step::apply(run_plan& plan) const {
  if (path_.empty()) {
    return;
  }
  auto& path = plan.env["PATH"];
  path = path.empty() ? bin_ : bin_ + ":" + path;
  plan.env["VIRTUAL_ENV"] = path_;
  plan.env.erase("PYTHONHOME");
  if (is_python(plan.script)) {
    plan.argv.front() = python_;
  }
}

output_page venv_step::page(const output_query& query) const {
  output_page out;
  out.next = query.from;
  for (std::size_t bytes = 0; out.next < lines_.size() && bytes < query.max_bytes; ++out.next) {
    out.records.push_back({out.next, spool_stream::note, std::chrono::nanoseconds{0}, lines_[out.next]});
    bytes += lines_[out.next].size();
  }
  return out;
}

output_page venv_step::last_page(const output_query& query) const {
  auto out = page(query);
  out.ended = out.next >= lines_.size();
  return out;
}

void venv_step::read(context& where, const output_query& query, std::function<void(output_page)> answer) {
  auto found = page(query);
  if (!found.records.empty() || query.wait.count() <= 0) {
    answer(std::move(found));
    return;
  }
  auto one = std::make_shared<reader>(reader{query, std::move(answer)});
  readers_.push_back(one);
  where.after(query.wait, [this, one = std::weak_ptr(one)] {
    if (const auto late = one.lock()) {
      std::erase(readers_, late);
      late->answer(page(late->query));
    }
  });
}

void venv_step::serve_readers() {
  for (const auto& one : std::exchange(readers_, {})) {
    auto found = page(one->query);
    if (found.records.empty()) {
      readers_.push_back(one);
    } else {
      one->answer(std::move(found));
    }
  }
}

void venv_step::settle(const std::function<void(const output_query&, std::function<void(output_page)>)>& next) {
  for (const auto& one : std::exchange(readers_, {})) {
    next(one->query, std::move(one->answer));
  }
}

void venv_step::release(context& where) {
  waiting_.reset();
  if (std::exchange(held_, false)) {
    (void)where.send(address{builder_}, "release_venv", json{{"name", name_}, {"run", run_}});
  }
}

json venv_step::save() const {
  if (!held_ && lines_.empty()) {
    return nullptr;
  }
  return {{"name", name_}, {"run", run_}, {"builder", builder_}, {"held", held_}, {"bin", bin_}, {"path", path_},
          {"python", python_}, {"lines", lines_}};
}

void venv_step::load(const json& value) {
  if (value.is_object()) {
    held_ = value.value("held", true);
    name_ = text_of(value, "name");
    bin_ = text_of(value, "bin");
    path_ = text_of(value, "path");
    python_ = text_of(value, "python");
    run_ = text_of(value, "run");
    builder_ = text_of(value, "builder");
    const auto lines = value.value("lines", json::array());
    for (const auto& line : lines) {
      if (line.is_string()) {
        lines_.push_back(line.get<std::string>());
        bytes_ += lines_.back().size();
      }
    }
  }
}

} // namespace troupe
