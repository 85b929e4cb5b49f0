#include <actors/application/applications_actor.hpp>
#include <runtime/text_json/text_field.hpp>

#include <actors/task/child_start.hpp>

#include <runtime/applications/application_json.hpp>
#include <runtime/applications/applications_actors.hpp>
#include <runtime/error/error_table.hpp>
#include <runtime/task_id/task_id.hpp>
#include <runtime/text_json/text_json.hpp>

#include <utility>

namespace troupe {
namespace {

constexpr seconds step_time{10};

bool flag_in(const message& what, const char* name) {
  return what.body().is_object() && what.body().value(name, json(false)) == true;
}

std::optional<std::string> bytes_in(const message& what) {
  const auto data = what.body().is_object() ? what.body().value("data", json(nullptr)) : json(nullptr);
  if (data.is_string()) {
    return data.get<std::string>();
  }
  return data.is_binary() ? std::optional{std::string{data.get_binary().begin(), data.get_binary().end()}} : std::nullopt;
}

reply wants(const char* field) {
  const std::string name = field;
  return reply::bad_request(name, name == "id"     ? "the id of an application"
                                  : name == "data" ? "the file's content, a text or bytes"
                                                   : "a text");
}

template <class... Names>
const char* missing(const message& what, Names... names) {
  const char* out = nullptr;
  ((out = out == nullptr && text_field(what.body(), names).empty() ? names : out), ...);
  return out;
}

file_expectation expected_in(const message& what) { return {text_field(what.body(), "version"), flag_in(what, "new")}; }

reply stale(const std::string& path, const std::string& version) {
  return {"file_is_stale", json{{"path", path}, {"version", version.empty() ? json(nullptr) : json(version)}}};
}

json content_of(const std::string& bytes) {
  return is_utf8(bytes) ? json(bytes) : json::binary({bytes.begin(), bytes.end()});
}

} // namespace

reply application_refusal(const error& why) {
  return {"application_is_refused", json{{"error", std::string(describe_error(why.code).name)}, {"reason", why.text}}};
}

void applications_actor::describe(class_builder<applications_actor>& table) {
  table.doc("The applications of the system: folders of scripts and pages that it keeps.")
    .on("list_applications", &applications_actor::list_applications, "`application_list` {applications}.")
    .on("create_application", &applications_actor::create_application, "{name}: `application_is_created` with the application.")
    .on("get_application", &applications_actor::get_application, "{id}: `application` with its files.")
    .on("change_application", &applications_actor::change_application,
        "{id, name?, static_folder?, public?, params?, handlers?}: `application_is_changed` with the application.")
    .on("delete_application", &applications_actor::delete_application, "{id}: `application_is_deleted` {id}.")
    .on("list_files", &applications_actor::list_files, "{id, below?}: `file_list` {files, folders, truncated}.")
    .on("read_file", &applications_actor::read_file, "{id, path}: `file` {path, version, data}.")
    .on("write_file", &applications_actor::write_file,
        "{id, path, data, version?, new?}: `file_is_written` {path, version, is_new} or `file_is_stale` {path, version}.")
    .on("move_file", &applications_actor::move_file, "{id, from, to}, also a folder: `file_is_moved` {from, to}.")
    .on("delete_file", &applications_actor::delete_file,
        "{id, path, version?, recursive?}, also a folder: `file_is_deleted` {path} or `file_is_stale`.")
    .on("make_folder", &applications_actor::make_folder, "{id, path}: `folder_is_made` {path}.")
    .on("mark_executable", &applications_actor::mark_executable, "{id, path}: `script_is_marked` {id, path}.")
    .on("unmark_executable", &applications_actor::unmark_executable, "{id, path}: `script_is_unmarked` {path}.")
    .on("run_script", &applications_actor::run_script,
        "{id, script, params?, …} with what a task's `start` takes: `script_is_started` {task}.")
    .on("open_application", &applications_actor::open_application,
        "{id}: `application_is_open` {name}: the actor of its web handlers is there.")
    .on("get_handlers", &applications_actor::pass_on, "{id}: `handlers` of the application.")
    .on("stop_handler", &applications_actor::pass_on, "{id, handler}: `handler_is_stopping`.");
}

async<> applications_actor::pre_run() {
  post_ = ctx().make_poster();
  return {};
}

reply applications_actor::at_desk(std::function<reply(const application_store&)> work,
                                  std::function<void(const reply&)> then) {
  const bool taken = ports_.desk->post([work = std::move(work), then = std::move(then), tell = ctx().promise(),
                                        post = post_](const application_store& store) {
    auto answer = work(store);
    if (!then) {
      tell(std::move(answer));
      return;
    }
    post([then, tell, answer = std::move(answer)] {
      then(answer);
      tell(answer);
    });
  });
  return taken ? reply::later() : reply{"mailbox_full", json{{"reason", "too much waits for the disk"}}};
}

/// Most applications have no actor; then there is nobody to tell.
void applications_actor::tell_actor(const std::string& id, const char* what) {
  ctx().ask_then(request{address{application_actor_name(id)}, what, nullptr, step_time, {}, {}}, [](const message_ptr&) {});
}

reply applications_actor::list_applications(const message&) {
  return at_desk([](const application_store& store) {
    const auto all = store.list();
    if (!all) {
      return application_refusal(all.error());
    }
    json out = json::array();
    for (const auto& each : *all) {
      out.push_back(application_to_json(each));
    }
    return reply{"application_list", json{{"applications", std::move(out)}}};
  });
}

reply applications_actor::create_application(const message& what) {
  if (const auto* field = missing(what, "name")) {
    return wants(field);
  }
  return at_desk([name = text_field(what.body(), "name")](const application_store& store) {
    const auto made = store.create(name);
    return made ? reply{"application_is_created", application_to_json(*made)} : application_refusal(made.error());
  });
}

reply applications_actor::get_application(const message& what) {
  if (const auto* field = missing(what, "id")) {
    return wants(field);
  }
  return at_desk([id = text_field(what.body(), "id")](const application_store& store) {
    const auto found = store.get(id);
    const auto files = found ? store.files(id) : result<folder_files::listing>{std::unexpected(found.error())};
    if (!files) {
      return application_refusal(files.error());
    }
    auto out = application_to_json(*found);
    out.update(listing_to_json(*files));
    return reply{"application", std::move(out)};
  });
}

reply applications_actor::change_application(const message& what) {
  if (const auto* field = missing(what, "id")) {
    return wants(field);
  }
  auto changes = what.body();
  const auto id = text_field(what.body(), "id");
  changes.erase("id");
  return at_desk(
    [id, changes = std::move(changes)](const application_store& store) {
      const auto done = store.change_settings(id, changes);
      return done ? reply{"application_is_changed", application_to_json(*done)} : application_refusal(done.error());
    },
    [this, id](const reply& answer) {
      if (answer.command() == "application_is_changed") {
        tell_actor(id, "application_has_changed");
      }
    });
}

reply applications_actor::delete_application(const message& what) {
  if (const auto* field = missing(what, "id")) {
    return wants(field);
  }
  const auto id = text_field(what.body(), "id");
  return at_desk(
    [id](const application_store& store) {
      const auto done = store.remove(id);
      return done ? reply{"application_is_deleted", json{{"id", id}}} : application_refusal(done.error());
    },
    [this, id](const reply& answer) {
      if (answer.command() == "application_is_deleted") {
        tell_actor(id, "application_is_gone");
      }
    });
}

reply applications_actor::list_files(const message& what) {
  if (const auto* field = missing(what, "id")) {
    return wants(field);
  }
  return at_desk([id = text_field(what.body(), "id"), below = text_field(what.body(), "below")](const application_store& store) {
    const auto files = store.files(id);
    return files ? reply{"file_list", listing_to_json(*files, below)} : application_refusal(files.error());
  });
}

reply applications_actor::read_file(const message& what) {
  if (const auto* field = missing(what, "id", "path")) {
    return wants(field);
  }
  return at_desk([id = text_field(what.body(), "id"), path = text_field(what.body(), "path")](const application_store& store) {
    const auto content = store.read_file(id, path);
    return content ? reply{"file", json{{"path", path}, {"version", content_version(*content)}, {"data", content_of(*content)}}}
                   : application_refusal(content.error());
  });
}

reply applications_actor::write_file(const message& what) {
  if (const auto* field = missing(what, "id", "path")) {
    return wants(field);
  }
  auto content = bytes_in(what);
  if (!content) {
    return wants("data");
  }
  return at_desk([id = text_field(what.body(), "id"), path = text_field(what.body(), "path"), expected = expected_in(what),
                  content = std::move(*content)](const application_store& store) {
    const auto done = store.write_file(id, path, content, expected);
    if (!done) {
      return application_refusal(done.error());
    }
    return done->is_stale
             ? stale(path, done->version)
             : reply{"file_is_written", json{{"path", path}, {"version", done->version}, {"is_new", done->is_new}}};
  });
}

reply applications_actor::move_file(const message& what) {
  if (const auto* field = missing(what, "id", "from", "to")) {
    return wants(field);
  }
  return at_desk([id = text_field(what.body(), "id"), from = text_field(what.body(), "from"), to = text_field(what.body(), "to")](
                   const application_store& store) {
    const auto done = store.move_path(id, from, to);
    return done ? reply{"file_is_moved", json{{"from", from}, {"to", to}}} : application_refusal(done.error());
  });
}

reply applications_actor::delete_file(const message& what) {
  if (const auto* field = missing(what, "id", "path")) {
    return wants(field);
  }
  return at_desk([id = text_field(what.body(), "id"), path = text_field(what.body(), "path"), whole = flag_in(what, "recursive"),
                  expected = expected_in(what)](const application_store& store) {
    const auto done = store.remove_path(id, path, whole, expected);
    return !done            ? application_refusal(done.error())
           : done->is_stale ? stale(path, done->version)
                            : reply{"file_is_deleted", json{{"path", path}}};
  });
}

reply applications_actor::make_folder(const message& what) {
  if (const auto* field = missing(what, "id", "path")) {
    return wants(field);
  }
  return at_desk([id = text_field(what.body(), "id"), path = text_field(what.body(), "path")](const application_store& store) {
    const auto done = store.make_folder(id, path);
    return done ? reply{"folder_is_made", json{{"path", path}}} : application_refusal(done.error());
  });
}

reply applications_actor::mark_executable(const message& what) {
  if (const auto* field = missing(what, "id", "path")) {
    return wants(field);
  }
  return at_desk([id = text_field(what.body(), "id"), path = text_field(what.body(), "path")](const application_store& store) {
    const auto script = store.mark(id, path);
    return script ? reply{"script_is_marked", json{{"id", *script}, {"path", path}}} : application_refusal(script.error());
  });
}

reply applications_actor::unmark_executable(const message& what) {
  if (const auto* field = missing(what, "id", "path")) {
    return wants(field);
  }
  return at_desk([id = text_field(what.body(), "id"), path = text_field(what.body(), "path")](const application_store& store) {
    const auto done = store.unmark(id, path);
    return done ? reply{"script_is_unmarked", json{{"path", path}}} : application_refusal(done.error());
  });
}

reply applications_actor::run_script(const message& what) {
  if (const auto* field = missing(what, "id", "script")) {
    return wants(field);
  }
  for (const char* field : {"command", "application", "parent", "depth"}) {
    if (what.body().contains(field)) {
      return reply::bad_request(field, "not to be given: the application says what runs");
    }
  }
  auto start = what.body();
  const auto own = start.value("params", json::object());
  const bool taken = ports_.desk->post([this, start = std::move(start), own, id = text_field(what.body(), "id"), post = post_,
                                        tell = ctx().promise()](const application_store& store) mutable {
    const auto found = store.find_script(id, start["script"].get<std::string>());
    if (!found) {
      tell(application_refusal(found.error()));
      return;
    }
    start["id"] = new_task_id();
    start["script"] = found->folder + "/" + found->path;
    start["application"] = found->folder;
    if (own.is_object() || own.is_null()) {
      start["params"] = merged_params(found->params, own.is_null() ? json::object() : own);
    }
    post([this, start = std::move(start), tell] { start_task(start, tell); });
  });
  return taken ? reply::later() : reply{"mailbox_full", json{{"reason", "too much waits for the disk"}}};
}

void applications_actor::start_task(const json& start, const responder& tell) {
  const auto id = start.at("id").get<std::string>();
  start_child(*ports_.actors, {id, start}, [id, tell](result<> how) {
    tell(how ? reply{"script_is_started", json{{"task", id}}} : application_refusal(how.error()));
  });
}

void applications_actor::open_actor(const std::string& id, std::function<void(const std::string&)> done) {
  json body{{"class_desc", {{"requires_dist", "troupe"}, {"class", "Application"}}}, {"name", application_actor_name(id)}};
  request create{address{ctx().node()}, "create_actor", std::move(body), step_time, {}, {}};
  ctx().ask_then(std::move(create), [done = std::move(done)](message_ptr answer) {
    const auto& facts = answer->body();
    const auto reason = facts.is_object() ? facts.value("reason", answer->command()) : answer->command();
    // Another request may have made it meanwhile; who asks it will see.
    done(answer->is("actor_is_created") || answer->is("actor_is_not_created") ? std::string{} : reason);
  });
}

reply applications_actor::open_application(const message& what) {
  if (const auto* field = missing(what, "id")) {
    return wants(field);
  }
  const bool taken = ports_.desk->post([this, id = text_field(what.body(), "id"), post = post_,
                                        tell = ctx().promise()](const application_store& store) {
    if (const auto found = store.folder_of(id); !found) {
      tell(application_refusal(found.error()));
      return;
    }
    post([this, id, tell] {
      open_actor(id, [id, tell](const std::string& problem) {
        tell(problem.empty() ? reply{"application_is_open", json{{"name", application_actor_name(id)}}}
                             : application_refusal({error_code::unavailable, problem}));
      });
    });
  });
  return taken ? reply::later() : reply{"mailbox_full", json{{"reason", "too much waits for the disk"}}};
}

/// For the actor of the application's handlers, which is made if it is not there.
reply applications_actor::pass_on(const message& what) {
  if (const auto* field = missing(what, "id")) {
    return wants(field);
  }
  const bool taken = ports_.desk->post([this, id = text_field(what.body(), "id"), command = what.command(), body = what.body(),
                                        post = post_, tell = ctx().promise()](const application_store& store) {
    if (const auto found = store.folder_of(id); !found) {
      tell(application_refusal(found.error()));
      return;
    }
    post([this, id, command, body, tell] {
      open_actor(id, [this, id, command, body, tell](const std::string& problem) {
        if (!problem.empty()) {
          tell(application_refusal({error_code::unavailable, problem}));
          return;
        }
        ctx().ask_then(request{address{application_actor_name(id)}, command, body, step_time, {}, {}},
                       [tell](message_ptr answer) { tell(reply{answer->command(), answer->body()}); });
      });
    });
  });
  return taken ? reply::later() : reply{"mailbox_full", json{{"reason", "too much waits for the disk"}}};
}

class_info make_applications_class(application_ports ports) {
  return describe_class<applications_actor>("Applications", [ports] { return std::make_unique<applications_actor>(ports); });
}

} // namespace troupe
