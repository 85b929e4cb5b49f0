// What is asked of one environment, in the order of its coming.
#include <actors/venv/venv_builder.hpp>

#include <runtime/venv/package_list.hpp>
#include <runtime/venv/venv_lock.hpp>

#include <unistd.h>

namespace troupe {
namespace {

constexpr std::size_t most_failures = 1'000; ///< kept for showing

json ready_body(const venv_folder& folder, const std::string& name) {
  return {{"name", name},
          {"path", folder.path_of(name).string()},
          {"bin", folder.bin_of(name).string()},
          {"python", folder.python_of(name).string()}};
}

json reason_body(const std::string& name, std::string reason) {
  return {{"name", name}, {"reason", std::move(reason)}, {"lines", json::array()}};
}

json in_use_body(const std::string& name, const venv_users& users, const char* what) {
  const auto runs = users.runs(name);
  auto body = reason_body(name, "the environment " + name + " cannot be " + what + " while " +
                                  (runs.size() == 1 ? "the run " + runs.front() + " uses it"
                                                    : std::to_string(runs.size()) + " runs use it"));
  body["users"] = runs;
  return body;
}

const char* failure_of_creation(bool is_acquire, bool is_install) {
  return is_acquire ? "venv_is_not_ready" : is_install ? "packages_are_not_installed" : "venv_is_not_created";
}

} // namespace

void venv_builder::serve(const std::string& name) {
  for (auto found = places_.find(name); found != places_.end(); found = places_.find(name)) {
    auto& here = found->second;
    if (here.job) {
      return;
    }
    if (here.queue.empty()) {
      places_.erase(found);
      return;
    }
    auto& first = here.queue.front();
    switch (first.kind) {
    case wish_kind::acquire:
      if (!serve_acquire(first)) {
        return;
      }
      break;
    case wish_kind::create:
      if (!serve_create(first)) {
        return;
      }
      break;
    case wish_kind::install:
      if (!serve_install(first)) {
        return;
      }
      break;
    case wish_kind::erase:
    case wish_kind::clean_up:
      serve_erase(first);
      break;
    }
    here.queue.pop_front();
  }
}

bool venv_builder::may_be_made_unasked(const std::string& name) const {
  const auto look = folder_.look(name);
  if (look == venv_folder::condition::ready) {
    return false;
  }
  const auto note = folder_.note_of(name);
  if (note && note->failed) {
    return false; // told as it is, until somebody asks for it anew
  }
  return look == venv_folder::condition::absent || name == ports_.default_name ||
         (note && note->kind == venv_note::change::creation);
}

bool venv_builder::serve_acquire(wish& one) {
  const auto& name = one.what.name;
  if (folder_.look(name) == venv_folder::condition::ready) {
    users_.add(name, {one.what.run, one.what.actor}, one.what.clean && name != ports_.default_name);
    watch_actor(one.what.actor);
    ctx().checkpoint();
    one.answer(reply{"venv_is_ready", ready_body(folder_, name)});
    return true;
  }
  if (may_be_made_unasked(name)) {
    begin_creation(name);
    return false;
  }
  one.answer(reply{"venv_is_not_ready", why_not_ready(name)});
  return true;
}

bool venv_builder::serve_create(wish& one) {
  const auto& name = one.what.name;
  if (folder_.look(name) == venv_folder::condition::ready && !one.what.clean) {
    auto body = ready_body(folder_, name);
    const auto mark = folder_.mark_of(name);
    body["existed"] = true;
    body["missing"] = mark ? mark->missing : std::vector<std::string>{};
    one.answer(reply{"venv_is_created", std::move(body)});
    return true;
  }
  if (users_.is_used(name)) {
    one.answer(reply{"venv_is_not_created", in_use_body(name, users_, "made anew")});
    return true;
  }
  begin_creation(name);
  return false;
}

bool venv_builder::serve_install(wish& one) {
  const auto& name = one.what.name;
  // A script may install into the environment it runs in, and import what came after that.
  if (users_.is_used_by_others(name, one.what.run)) {
    one.answer(reply{"packages_are_not_installed", in_use_body(name, users_, "changed")});
    return true;
  }
  const auto look = folder_.look(name);
  const auto note = folder_.note_of(name);
  const bool was_cut = note && note->kind == venv_note::change::installation;
  if (look == venv_folder::condition::absent || (look == venv_folder::condition::broken && note && !was_cut)) {
    begin_creation(name);
    return false;
  }
  if (look == venv_folder::condition::broken && !was_cut) {
    one.answer(reply{"packages_are_not_installed", why_not_ready(name)});
    return true;
  }
  venv_change change;
  change.kind = venv_note::change::installation;
  change.packages = one.what.packages;
  change.latest = one.what.latest;
  begin(name, std::move(change));
  return false;
}

void venv_builder::serve_erase(wish& one) {
  const auto& name = one.what.name;
  const bool is_quiet = one.kind == wish_kind::clean_up;
  if (users_.is_used(name)) {
    if (!is_quiet) {
      one.answer(reply{"venv_is_not_deleted", in_use_body(name, users_, "deleted")});
    }
    return;
  }
  if (folder_.look(name) == venv_folder::condition::absent) {
    (void)folder_.remove_note(name);
    one.answer(reply{"venv_is_absent", json{{"name", name}}});
    return;
  }
  auto problem = folder_.make();
  const auto lock = problem ? venv_lock::try_take(folder_.lock_of(name)) : std::unexpected(problem.error());
  if (!lock || !*lock) {
    one.answer(reply{"venv_is_not_deleted",
                     reason_body(name, lock ? "another process changes it now" : lock.error().text)});
    return;
  }
  const auto aside = folder_.set_aside(name);
  if (!aside) {
    one.answer(reply{"venv_is_not_deleted", reason_body(name, aside.error().text)});
    return;
  }
  (void)folder_.remove_note(name);
  (*lock)->remove_file();
  last_failures_.erase(name);
  one.answer(reply{"venv_is_deleted", json{{"name", name}}});
  sweep();
}

void venv_builder::begin_creation(const std::string& name) {
  venv_change change;
  if (std::error_code failed; name == ports_.default_name && std::filesystem::exists(ports_.requirements, failed)) {
    change.requirements = ports_.requirements;
  }
  begin(name, std::move(change));
}

void venv_builder::begin(const std::string& name, venv_change what) {
  what.name = name;
  const auto path = ports_.environment.find("PATH");
  auto tools = venv_tools::choose(ports_.tools, path == ports_.environment.end() ? "/usr/local/bin:/usr/bin:/bin" : path->second,
                                  folder_.tools());
  if (!tools) {
    const auto why = tools.error().text;
    auto post = ctx().make_poster();
    post([this, name, why] { change_ended(name, {false, true, why, {}}); });
    places_[name].job = nullptr;
    return;
  }
  venv_job::events events;
  events.on_progress = [this, name](const std::vector<std::string>& lines) { tell_progress(name, lines); };
  events.on_end = [this, name](const venv_change_end& how) { change_ended(name, how); };
  auto job = std::make_shared<venv_job>(ctx(), ports_, std::move(*tools), std::move(what), std::move(events));
  places_[name].job = job;
  ctx().log(log_level::info, "the environment " + name + " is being changed");
  job->start();
}

void venv_builder::change_ended(const std::string& name, const venv_change_end& how) {
  const auto found = places_.find(name);
  if (found == places_.end()) {
    return;
  }
  auto& here = found->second;
  const auto job = std::exchange(here.job, nullptr); // it is calling us
  const bool was_creation = !job || job->what().kind == venv_note::change::creation;
  json why{{"name", name}, {"reason", how.reason}, {"lines", how.lines}};
  if (how.done) {
    last_failures_.erase(name);
  } else {
    if (last_failures_.size() >= most_failures) {
      last_failures_.clear();
    }
    last_failures_[name] = why;
    ctx().log(log_level::warning, "the environment " + name + " could not be changed: " + how.reason);
  }
  if (!how.done && was_creation) {
    creation_failed(name, why);
  } else if (!here.queue.empty()) {
    const auto& first = here.queue.front();
    if (!was_creation) {
      json body{{"name", name}, {"packages", installed_specs(folder_.path_of(name))}};
      first.answer(how.done ? reply{"packages_are_installed", std::move(body)}
                            : reply{"packages_are_not_installed", std::move(why)});
      here.queue.pop_front();
    } else if (first.kind == wish_kind::create) {
      auto body = ready_body(folder_, name);
      const auto mark = folder_.mark_of(name);
      body["existed"] = false;
      body["missing"] = mark ? mark->missing : std::vector<std::string>{};
      first.answer(reply{"venv_is_created", std::move(body)});
      here.queue.pop_front();
    }
  }
  sweep();
  serve(name);
}

/// All who wait for it hear of it; nobody tries again by himself.
void venv_builder::creation_failed(const std::string& name, const json& why) {
  auto waiting = std::exchange(places_[name].queue, {});
  for (auto& one : waiting) {
    if (one.kind == wish_kind::erase || one.kind == wish_kind::clean_up) {
      places_[name].queue.push_back(std::move(one));
    } else {
      one.answer(
        reply{failure_of_creation(one.kind == wish_kind::acquire, one.kind == wish_kind::install), json(why)});
    }
  }
}

void venv_builder::tell_progress(const std::string& name, const std::vector<std::string>& lines) {
  const auto found = places_.find(name);
  if (found == places_.end() || !found->second.job) {
    return;
  }
  for (const auto& one : found->second.queue) {
    tell_progress_to(one, *found->second.job, lines);
  }
}

void venv_builder::tell_progress_to(const wish& one, const venv_job& job, const std::vector<std::string>& lines) {
  if (one.kind == wish_kind::acquire && !one.what.actor.empty()) {
    (void)ctx().send(address{one.what.actor}, "venv_progress",
                     json{{"name", one.what.name}, {"run", one.what.run}, {"phase", job.phase()}, {"lines", lines}});
  }
}

/// Removes what was taken away. One program at a time.
void venv_builder::sweep() {
  if (sweeping_) {
    sweep_again_ = true;
    return;
  }
  std::vector<std::string> command{"rm", "-rf", "--"};
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.trash(), failed)) {
    command.push_back(entry.path().string());
  }
  if (command.size() == 3) {
    return;
  }
  run_plan plan;
  plan.id = "venv-sweep-" + std::to_string(::getpid()) + "-" + std::to_string(++sweeps_);
  plan.folder = (folder_.runs() / plan.id).string();
  std::filesystem::remove_all(plan.folder, failed);
  plan.argv = std::move(command);
  plan.env = venv_tools::environment(ports_.environment);
  plan.orphan_grace = std::chrono::milliseconds{0};
  const auto ended = [this, post = ctx().make_poster(), folder = plan.folder] {
    post([this, folder] {
      sweeping_.reset();
      std::error_code unused;
      std::filesystem::remove_all(folder, unused);
      if (std::exchange(sweep_again_, false)) {
        sweep();
      }
    });
  };
  run_events events;
  events.on_started = [](const run_started&) {};
  events.on_rejected = [ended](const std::string&) { ended(); };
  events.on_end = [ended](const run_result&) { ended(); };
  sweeping_ = ports_.runs->start(plan, std::move(events));
}

} // namespace troupe
