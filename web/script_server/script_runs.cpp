#include "web/script_server/script_runs.hpp"

#include "runtime/scripts/digest.hpp"
#include "runtime/task_id/task_id.hpp"
#include "web/script_server/task_reader.hpp"
#include "runtime/text_json/text_field.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe {
namespace {

using clock = std::chrono::steady_clock;

constexpr int looked_at = 500; ///< of the newest runs, for those of an earlier process
constexpr double longest_earlier_s = 3'600; ///< what is still at work then has its place no more

run_outcome closes() { return run_outcome::failed(503, "the script server closes; ask again later"); }

run_outcome no_script(const std::string& name) { return run_outcome::failed(404, "there is no script " + name); }

} // namespace

std::string script_runs::key_of(const std::string& name, const known_script& script, const script_run_request& what) const {
  digest all;
  all.add(name).add(script.digest).add(what.input);
  for (const auto& each : what.args) {
    all.add(each);
  }
  const auto options = what.options.over(script.options);
  if (!options.is_empty()) {
    all.add("options").add(options.to_json().dump(-1, ' ', false, json::error_handler_t::replace));
  }
  return all.bytes();
}

std::optional<run_answer> script_runs::in_cache(const std::string& key) {
  const auto found = world_.cache.find(key, clock::now());
  if (!found) {
    return std::nullopt;
  }
  return run_answer{found->answer, 200, {}, answer_source::cache, static_cast<long>(found->age.count()), {}};
}

std::shared_ptr<const script_run_request> script_runs::keep(script_run_request what) {
  std::size_t bytes = what.input.size();
  for (const auto& each : what.args) {
    bytes += each.size();
  }
  if (*kept_bytes_ + bytes > world_.rules.max_kept_bytes) {
    return nullptr;
  }
  *kept_bytes_ += bytes;
  // The last holder may be on any thread, and later than this object.
  return {new script_run_request(std::move(what)), [count = kept_bytes_, bytes](const script_run_request* gone) {
            delete gone;
            *count -= bytes;
          }};
}

bool script_runs::ask(std::vector<script_wish> wishes) {
  std::vector<std::function<void()>> settled; // answers that are known; told when nothing can be refused any more
  std::vector<std::pair<flight_ptr, script_wish>> joined;
  std::vector<flight_ptr> made;
  for (auto& wish : wishes) {
    const auto* script = world_.shelf.find(wish.name);
    if (script == nullptr || !script->header_problem.empty()) {
      const auto why = script == nullptr ? no_script(wish.name) : run_outcome::failed(422, script->header_problem);
      settled.emplace_back([tell = std::move(wish.answered), why] {
        tell({std::make_shared<const std::string>(to_json_text(why)), why.status, why.problem});
      });
      continue;
    }
    auto key = key_of(wish.name, *script, *wish.what);
    if (const auto found = wish.fresh ? std::nullopt : in_cache(key)) {
      settled.emplace_back([tell = std::move(wish.answered), found = *found] { tell(found); });
    } else if (const auto same = flights_.find(key); !wish.fresh && same != flights_.end()) {
      joined.emplace_back(same->second, std::move(wish));
    } else {
      made.push_back(make_flight(std::move(wish), *script, std::move(key)));
    }
  }
  if (!world_.queue.fits(made.size())) {
    return false;
  }
  for (auto& [to, wish] : joined) {
    to->askers.push_back(std::move(wish));
  }
  std::vector<run_queue::run> runs;
  for (const auto& each : made) {
    if (each->is_shared) {
      flights_.emplace(each->key, each);
    }
    runs.push_back({[this, each] { return begin(each); }, [this, each] { answer(each, closes(), {}); }});
  }
  for (const auto& tell : settled) {
    tell();
  }
  return world_.queue.add(std::move(runs));
}

script_runs::flight_ptr script_runs::make_flight(script_wish wish, const known_script& script, std::string key) {
  auto out = std::make_shared<flight>();
  out->key = std::move(key);
  out->name = wish.name;
  out->digest = script.digest;
  out->what = wish.what;
  out->is_shared = !wish.fresh;
  out->is_kept = wish.is_kept;
  out->askers.push_back(std::move(wish));
  return out;
}

script_run_plan script_runs::plan_of(const std::string& name, const known_script& script,
                                     const script_run_request& what) const {
  script_run_plan out;
  out.id = new_task_id();
  out.name = name;
  out.path = world_.store.path_of(name);
  out.input = what.input;
  out.args = what.args;
  out.options = what.options.over(script.options);
  if (!out.options.timeout_s) {
    out.options.timeout_s = world_.rules.timeout_s;
  }
  if (!out.options.venv && !script.header.requirements.empty()) {
    out.options.venv = script.header.venv_name();
    out.requirements = script.header.requirements;
  } else if (!out.options.venv && !world_.rules.venv.empty()) {
    out.options.venv = world_.rules.venv;
  }
  return out;
}

bool script_runs::begin(const flight_ptr& of) {
  const bool is_wanted = std::ranges::any_of(of->askers, [](const auto& each) { return each.is_wanted(); });
  const auto* script = is_wanted ? world_.shelf.find(of->name) : nullptr;
  if (script == nullptr) {
    answer(of, no_script(of->name), {});
    return false;
  }
  auto plan = plan_of(of->name, *script, *of->what);
  script_run::events events;
  events.ended = [this, of, digest = script->digest, task = plan.id, begun = clock::now()](const run_outcome& how) {
    mean_run_s_ += 0.1 * (std::chrono::duration<double>(clock::now() - begun).count() - mean_run_s_);
    ended(of, digest, task, how);
  };
  script_run::start(world_, std::move(plan), true, std::move(events));
  return true;
}

void script_runs::ended(const flight_ptr& of, const std::string& digest, const std::string& task, const run_outcome& how) {
  // Only what the script gave that was asked for, and is still there, is an answer for others.
  const auto* now = how.is_success() && of->is_kept && digest == of->digest ? world_.shelf.find(of->name) : nullptr;
  if (now != nullptr && now->digest == digest) {
    world_.cache.put(of->key, std::make_shared<const std::string>(to_json_text(how)), clock::now());
  }
  answer(of, how, task);
  world_.queue.done();
}

void script_runs::answer(const flight_ptr& of, const run_outcome& how, const std::string& task) {
  if (const auto found = flights_.find(of->key); found != flights_.end() && found->second == of) {
    flights_.erase(found);
  }
  const auto text = std::make_shared<const std::string>(to_json_text(how));
  bool is_first = true;
  for (const auto& each : std::exchange(of->askers, {})) {
    each.answered({text, how.status, how.problem, is_first ? answer_source::run : answer_source::joined, 0, task});
    is_first = false;
  }
}

bool script_runs::run_alone(own_run_wish wish) {
  auto shared = std::make_shared<own_run_wish>(std::move(wish));
  std::vector<run_queue::run> one(1);
  one[0].drop = [shared] { shared->not_started(closes()); };
  one[0].begin = [this, shared] {
    const auto* script = shared->is_wanted() ? world_.shelf.find(shared->name) : nullptr;
    if (script == nullptr || !script->header_problem.empty()) {
      shared->not_started(script == nullptr ? no_script(shared->name) : run_outcome::failed(422, script->header_problem));
      return false;
    }
    auto has_started = std::make_shared<bool>(false);
    script_run::events events;
    events.started = [shared, has_started](const json& facts) {
      *has_started = true;
      shared->started(facts);
    };
    events.ended = [this, shared, has_started](run_outcome how) {
      if (!*has_started) {
        shared->not_started(std::move(how));
      }
      world_.queue.done();
    };
    script_run::start(world_, plan_of(shared->name, *script, *shared->what), false, std::move(events));
    return true;
  };
  return world_.queue.fits(1) && world_.queue.add(std::move(one));
}

void script_runs::wait_for_earlier() {
  const auto places = world_.rules.queue.max_running;
  for (std::size_t i = 0; i < places; ++i) {
    world_.queue.take_place();
  }
  request what;
  what.recipient = world_.web.history;
  what.command = "list_runs";
  what.body = json{{"limit", looked_at}};
  what.timeout = seconds(5);
  world_.web.actors.ask(std::move(what), [this, places](message_ptr answer) {
    const auto& body = answer->body();
    if (answer->is("run_list") && body.is_object() && body.contains("runs")) {
      await_earlier(body["runs"]);
    }
    for (std::size_t i = 0; i < places; ++i) {
      world_.queue.done();
    }
  });
}

void script_runs::await_earlier(const json& runs) {
  for (const auto& each : runs) {
    const auto id = text_field(each, "id");
    if (!id.empty() && !is_over(each) && text_field(each, "script").starts_with(world_.store.folder().string() + "/")) {
      world_.queue.take_place();
      task_reader::start(world_, id, longest_earlier_s, false, [this](const run_outcome&) { world_.queue.done(); });
    }
  }
}

long script_runs::retry_after_s() const {
  const auto slots = std::max<std::size_t>(world_.rules.queue.max_running, 1);
  const auto wait = mean_run_s_ * static_cast<double>(world_.queue.waiting()) / static_cast<double>(slots);
  return std::clamp(static_cast<long>(wait / 2), 1L, 60L);
}

} // namespace troupe
