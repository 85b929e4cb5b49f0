// Commands, and who uses what; the queue of each environment is in venv_queue.cpp, what is told of one in
// venv_looks.cpp.
#include <actors/venv/venv_builder.hpp>

#include <runtime/venv/package_list.hpp>

#include <troupe/watch.hpp>

namespace troupe {
namespace {

constexpr std::size_t most_waiting = 10'000;

std::string text_of(const json& body, const char* key) {
  const auto found = body.is_object() ? body.find(key) : body.end();
  return body.is_object() && found != body.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

} // namespace

void venv_builder::describe(class_builder<venv_builder>& table) {
  table.doc("Makes, changes, lends and removes virtual environments of Python.")
    .on("start", &venv_builder::start,
        "{fresh?}: makes the default environment in the background; `fresh`: after an orderly end. `started`.")
    .on("create_venv", &venv_builder::create,
        "{name, clean?}: `venv_is_created` {name, path, python, existed, missing} or `venv_is_not_created` {name, reason, "
        "lines}; with `clean` an empty one is made anew.")
    .on("install", &venv_builder::install,
        "{name, packages, spec?, run?}: `packages_are_installed` {name, packages} or `packages_are_not_installed` {name, "
        "reason, lines}. What is there already stays if it fits.")
    .on("install_latest", &venv_builder::install_latest, "As `install`, but the newest versions that fit.")
    .on("list", &venv_builder::list, "{name}: `packages` {name, packages}, names only.")
    .on("list_spec", &venv_builder::list_spec, "{name}: `packages` {name, packages}, each as name==version.")
    .on("delete_venv", &venv_builder::erase, "{name}: `venv_is_deleted` or `venv_is_not_deleted` {name, reason, users}.")
    .on("get_venv", &venv_builder::get, "{name}: `venv` with its state.")
    .on("list_venvs", &venv_builder::list_all, "`venvs` {venvs, default, use, folder}.")
    .on("acquire_venv", &venv_builder::acquire,
        "{name?, clean?, run, actor?}: made if need be, `venv_progress` to the actor meanwhile; `venv_is_ready` {name, "
        "path, bin, python} or `venv_is_not_ready` {name, reason, lines}. `clean`: removed after its last user.")
    .on("release_venv", &venv_builder::release, "{name?, run}: `venv_is_released` {name, was_used}.")
    .on("actor_is_down", &venv_builder::actor_is_down)
    .on("actor_is_not_found", &venv_builder::actor_is_unknown)
    .on("watching", &venv_builder::is_noted)
    .on("unwatched", &venv_builder::is_noted);
}

async<> venv_builder::pre_run() {
  for (const auto& actor : users_.actors()) {
    watch_actor(actor); // who is gone since the last checkpoint is told as not found
  }
  sweep();
  return {};
}

async<> venv_builder::moved() { return pre_run(); }

async<> venv_builder::exit() {
  for (auto& [name, here] : places_) {
    for (auto& one : here.queue) {
      one.answer(reply{"venv_is_not_ready", json{{"name", name}, {"reason", "the builder ends"}, {"lines", json::array()}}});
    }
    here.queue.clear();
    here.job.reset();
  }
  places_.clear();
  sweeping_.reset();
  return {};
}

std::string venv_builder::stays() const {
  return places_.empty() ? "" : "it builds the environment " + places_.begin()->first;
}

json venv_builder::save() const { return json{{"users", users_.save()}}; }

void venv_builder::restore(const json& state) {
  if (const auto found = state.find("users"); state.is_object() && found != state.end()) {
    users_.restore(*found);
  }
}

reply venv_builder::start(const message& what) {
  const auto& body = what.body();
  if (!body.is_null() && !body.is_object()) {
    return reply::bad_request("body", "an object with `fresh`, or null");
  }
  const bool fresh = body.is_object() && body.value("fresh", json()) == true;
  const auto& name = ports_.default_name;
  if (ports_.use && fresh && !users_.is_used(name)) {
    const auto note = folder_.note_of(name);
    if (ports_.clear_at_start && folder_.make()) {
      (void)folder_.set_aside(name); // gone at once, so that nobody gets the old one
      sweep();
    }
    if (ports_.clear_at_start || (note && note->failed)) {
      (void)folder_.remove_note(name); // a new start is a new try
    }
  }
  if (ports_.use && ports_.prepare_at_start && may_be_made_unasked(name)) {
    venv_request wanted;
    wanted.name = name;
    queue_up(wish_kind::create, wanted, {});
  }
  return {"started"};
}

reply venv_builder::answer_later(wish_kind kind, std::expected<venv_request, reply> what) {
  if (!what) {
    return what.error();
  }
  if (const auto found = places_.find(what->name); found != places_.end() && found->second.queue.size() >= most_waiting) {
    return {"mailbox_full",
            json{{"reason", std::to_string(most_waiting) + " requests wait for the environment " + what->name}}};
  }
  queue_up(kind, std::move(*what), ctx().promise());
  return reply::later();
}

void venv_builder::queue_up(wish_kind kind, venv_request what, responder answer) {
  const auto name = what.name;
  auto& here = places_[name];
  here.queue.push_back({kind, std::move(what), std::move(answer)});
  if (here.job) {
    tell_progress_to(here.queue.back(), *here.job, here.job->log().last(build_log::most_lines));
  }
  serve(name);
}

reply venv_builder::create(const message& what) {
  venv_fields fields;
  fields.clean = true;
  return answer_later(wish_kind::create, read_venv_request(what.body(), fields, ports_.default_name));
}

reply venv_builder::install_packages(const message& what, bool latest) {
  venv_fields fields;
  fields.packages = true;
  auto wanted = read_venv_request(what.body(), fields, ports_.default_name);
  if (wanted) {
    wanted->latest = latest;
  }
  return answer_later(wish_kind::install, std::move(wanted));
}

reply venv_builder::install(const message& what) { return install_packages(what, false); }

reply venv_builder::install_latest(const message& what) { return install_packages(what, true); }

reply venv_builder::erase(const message& what) {
  return answer_later(wish_kind::erase, read_venv_request(what.body(), {}, ports_.default_name));
}

reply venv_builder::acquire(const message& what) {
  venv_fields fields;
  fields.name_needed = false;
  fields.clean = true;
  fields.run_needed = true;
  return answer_later(wish_kind::acquire, read_venv_request(what.body(), fields, ports_.default_name));
}

reply venv_builder::release(const message& what) {
  venv_fields fields;
  fields.name_needed = false;
  fields.run_needed = true;
  const auto wanted = read_venv_request(what.body(), fields, ports_.default_name);
  if (!wanted) {
    return wanted.error();
  }
  bool was_user = false;
  for (const auto& run : users_.runs(wanted->name)) {
    was_user = was_user || run == wanted->run;
  }
  // A run that still waits for it is given up too.
  if (const auto found = places_.find(wanted->name); found != places_.end()) {
    std::erase_if(found->second.queue, [&](const wish& one) {
      return one.kind == wish_kind::acquire && one.what.run == wanted->run;
    });
  }
  let_go(wanted->name, wanted->run);
  return {"venv_is_released", json{{"name", wanted->name}, {"was_used", was_user}}};
}

void venv_builder::let_go(const std::string& name, const std::string& run) {
  const auto left = users_.remove(name, run);
  if (!left.was_user) {
    return;
  }
  ctx().checkpoint();
  if (left.remove_venv && name != ports_.default_name) {
    venv_request unused;
    unused.name = name;
    queue_up(wish_kind::clean_up, unused, {});
  }
}

void venv_builder::watch_actor(const std::string& actor) {
  if (!actor.empty() && watched_.insert(actor).second) {
    (void)watch(ctx(), actor);
  }
}

void venv_builder::actor_is_gone(const std::string& actor) {
  watched_.erase(actor);
  for (const auto& [venv, run] : users_.of_actor(actor)) {
    let_go(venv, run);
  }
}

/// An actor that comes back has its run still, and says itself when it ends.
reply venv_builder::actor_is_down(const message& what) {
  const auto& body = what.body();
  if (body.is_object() && body.value("will_restart", json()) != true) {
    actor_is_gone(text_of(body, "entity"));
  }
  return reply::done();
}

reply venv_builder::actor_is_unknown(const message& what) {
  actor_is_gone(text_of(what.body(), "entity"));
  return reply::done();
}

class_info make_venv_builder_class(venv_ports ports) {
  return describe_class<venv_builder>("VenvBuilder", [ports = std::move(ports)] {
    return std::unique_ptr<actor>(std::make_unique<venv_builder>(ports));
  });
}

} // namespace troupe
