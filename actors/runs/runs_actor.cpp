#include <actors/runs/runs_actor.hpp>

#include <actors/runs/run_json.hpp>
#include <actors/task/output_reply.hpp>

#include <runtime/task_id/task_id.hpp>

#include <utility>

namespace troupe {
namespace {

constexpr std::uint32_t most_of_a_tree = 10'000;

std::chrono::system_clock::time_point now() { return std::chrono::system_clock::now(); }

reply refusal(const bad_field& what) { return reply::bad_request(what.field, what.expected); }

reply unreadable(const error& why) { return reply::failed(why.text); }

std::optional<std::string> id_of(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("id") || !body["id"].is_string() ||
      !is_task_id(body["id"].get_ref<const std::string&>())) {
    return std::nullopt;
  }
  return body["id"].get<std::string>();
}

/// Its place in the queue, which moves on while what its task told stays.
void add_place(json& run, const std::map<std::string, std::size_t>& places) {
  const auto found = places.find(run["id"].get<std::string>());
  run["place"] = found == places.end() ? json(nullptr) : json(found->second);
}

reply unknown_run(const std::string& id) { return {"run_is_unknown", json{{"id", id}}}; }

} // namespace

void runs_actor::describe(class_builder<runs_actor>& table) {
  table.doc("The history of runs.")
    .on("note_run", &runs_actor::note_run)
    .on("list_runs", &runs_actor::list_runs)
    .on("get_run", &runs_actor::get_run)
    .on("get_run_tree", &runs_actor::get_run_tree)
    .on("read_run_output", &runs_actor::read_run_output)
    .on("get_run_request", &runs_actor::get_run_request)
    .on("cancel_run_tree", &runs_actor::cancel_run_tree)
    .on("take_place", &runs_actor::take_place)
    .on("get_run_queue", &runs_actor::get_run_queue);
}

async<> runs_actor::pre_run() {
  post_ = ctx().make_poster();
  load_places();
  look_again();
  return {};
}

reply runs_actor::note_run(const message& what) {
  auto row = run_row_from_json(what.body(), ports_.runs_folder);
  if (!row) {
    return refusal(row.error());
  }
  const json answer{{"id", row->id}, {"note", what.body().value("note", json(nullptr))}};
  const auto over = row->stage == run_stage::over ? row->id : std::string{};
  ports_.store.put_run(std::move(*row));
  if (!over.empty()) {
    leave_place(over);
  }
  ports_.store.flush([tell = ctx().promise(), answer](result<> how) {
    tell(how ? reply{"run_is_noted", answer} : reply{"run_is_not_noted", json{{"reason", how.error().text}}});
  });
  return reply::later();
}

reply runs_actor::at_desk(std::function<reply(run_desk::shelf&)> answer) {
  const bool taken = ports_.desk.post(
    [tell = ctx().promise(), answer = std::move(answer)](run_desk::shelf& shelf) { tell(answer(shelf)); });
  return taken ? reply::later() : reply::failed("too many questions wait for the history of runs");
}

reply runs_actor::with_run(const message& what, std::function<reply(run_desk::shelf&, const run_row&)> answer) {
  const auto id = id_of(what);
  if (!id) {
    return reply::bad_request("id", "the id of a task");
  }
  return at_desk([id = *id, answer = std::move(answer)](run_desk::shelf& shelf) {
    const auto row = shelf.runs.find(id);
    return !row ? unreadable(row.error()) : *row ? answer(shelf, **row) : unknown_run(id);
  });
}

reply runs_actor::list_runs(const message& what) {
  const auto query = run_query_from_json(what.body());
  if (!query) {
    return refusal(query.error());
  }
  return at_desk([query = *query, places = places_.positions(), queue = queue_state()](run_desk::shelf& shelf) {
    const auto rows = shelf.runs.list(query);
    if (!rows) {
      return unreadable(rows.error());
    }
    json runs = json::array();
    for (const auto& row : *rows) {
      runs.push_back(run_to_json(row, now()));
      runs.back().erase("result"); // may be large; it is with the run
      add_place(runs.back(), places);
    }
    const bool whole = rows->size() < query.limit;
    return reply{"run_list", json{{"runs", std::move(runs)}, {"next", whole ? json(nullptr) : json(rows->back().number)}, {"queue", queue}}};
  });
}

reply runs_actor::get_run(const message& what) {
  return with_run(what, [places = places_.positions()](run_desk::shelf&, const run_row& row) {
    auto run = run_to_json(row, now());
    add_place(run, places);
    return reply{"run", std::move(run)};
  });
}

reply runs_actor::get_run_tree(const message& what) {
  return with_run(what, [](run_desk::shelf& shelf, const run_row& row) {
    const auto rows = shelf.runs.tree(row.id, most_of_a_tree);
    return rows ? reply{"run_tree", run_tree(*rows, now())} : unreadable(rows.error());
  });
}

reply runs_actor::read_run_output(const message& what) {
  auto body = what.body();
  if (body.is_object()) {
    body.erase("id");
  }
  const auto query = output_query_from_json(body);
  if (!query) {
    return refusal(query.error());
  }
  return with_run(what, [query = *query](run_desk::shelf& shelf, const run_row& row) {
    if (row.stage < run_stage::over) {
      return reply{"run_is_not_over", json{{"id", row.id}, {"state", row.state}}};
    }
    if (!row.has_output) {
      return reply{"output_is_gone", json{{"reason", "the output of this run was removed to make room for that of newer ones"}}};
    }
    auto page = output_to_json(shelf.outputs.read(row.id, query));
    page["state"] = run_to_json(row, now());
    return reply{"output", std::move(page)};
  });
}

reply runs_actor::get_run_request(const message& what) {
  return with_run(what, [](run_desk::shelf&, const run_row& row) {
    return reply{"run_request", json{{"id", row.id}, {"request", row.request}, {"node", row.node}, {"script", row.script}}};
  });
}

reply runs_actor::cancel_run_tree(const message& what) {
  const auto id = id_of(what);
  if (!id) {
    return reply::bad_request("id", "the id of a task");
  }
  const bool taken = ports_.desk.post([this, id = *id, tell = ctx().promise(), post = post_](run_desk::shelf& shelf) {
    auto rows = shelf.runs.tree(id, most_of_a_tree);
    post([this, id, tell, rows = std::move(rows)] {
      if (!rows || rows->empty()) {
        tell(rows ? unknown_run(id) : unreadable(rows.error()));
        return;
      }
      std::size_t children = 0;
      for (const auto& row : *rows) {
        if (row.stage < run_stage::over) {
          ++children;
          (void)ctx().send(address{row.name}, "cancel", json{{"tree", true}});
        }
      }
      tell(reply{"task_is_stopping", json{{"id", id}, {"children", children}}});
    });
  });
  return taken ? reply::later() : reply::failed("too many questions wait for the history of runs");
}

class_info make_runs_class(runs_ports ports) {
  return describe_class<runs_actor>(
    "Runs", [ports = std::move(ports)] { return std::unique_ptr<actor>(std::make_unique<runs_actor>(ports)); });
}

} // namespace troupe
