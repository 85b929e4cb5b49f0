#include <actors/runs/run_json.hpp>
#include <runtime/text_json/text_field.hpp>

#include <runtime/task_id/task_id.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <map>
#include <optional>
#include <string_view>

namespace troupe {
namespace {

constexpr std::uint32_t most_rows = 1'000;
constexpr std::array<std::string_view, 5> stages{"accepted", "preparing", "queued", "running", "stopping"};

std::uint64_t count_of(const json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::optional<int> number_of(const json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_number_integer() ? std::optional{found->get<int>()} : std::nullopt;
}

json or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

run_stage stage_of(const std::string& state) {
  constexpr std::array of{run_stage::accepted, run_stage::preparing, run_stage::preparing, run_stage::running, run_stage::stopping};
  const auto found = std::ranges::find(stages, state);
  return found == stages.end() ? run_stage::over : of[static_cast<std::size_t>(found - stages.begin())];
}

/// Of a time as the history keeps it; nothing for anything else.
std::optional<std::chrono::system_clock::time_point> time_of(const std::string& text) {
  std::tm parts{};
  int ms = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour,
                  &parts.tm_min, &parts.tm_sec, &ms) != 7) {
    return std::nullopt;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return std::chrono::system_clock::from_time_t(::timegm(&parts)) + std::chrono::milliseconds{ms};
}

bool is_time(const std::string& text) {
  // A day, or a time of it, as the beginning of what rows hold: then the order of the texts is that of the times.
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != 10 && text.size() < 16) {
    return false;
  }
  return text.size() <= form.size() && std::ranges::equal(text, form.substr(0, text.size()), [](char is, char wanted) {
           return wanted == 'd' ? is >= '0' && is <= '9' : is == wanted;
         });
}

} // namespace

checked<run_row> run_row_from_json(const json& body, const std::string& runs_folder) {
  run_row row;
  if (!body.is_object() || !is_task_id(row.id = text_field(body, "id"))) {
    return std::unexpected(bad_field{"id", "the id of a task"});
  }
  row.state = text_field(body, "state");
  if (row.state.empty()) {
    return std::unexpected(bad_field{"state", "the state of a task"});
  }
  row.stage = stage_of(row.state);
  row.name = text_field(body, "name");
  row.parent = text_field(body, "parent");
  row.who = text_field(body, "who");
  row.application = text_field(body, "application");
  row.script = text_field(body, "line");
  row.node = text_field(body, "node");
  row.venv = text_field(body, "venv");
  row.accepted_at = text_field(body, "accepted_at");
  row.started_at = text_field(body, "started_at");
  row.ended_at = text_field(body, "ended_at");
  row.exit_code = number_of(body, "exit_code");
  row.signal = number_of(body, "signal");
  row.reason = text_field(body, "reason");
  if (const auto peak = body.find("peak_memory_mb"); peak != body.end() && peak->is_number()) {
    row.peak_memory = static_cast<std::uint64_t>(peak->get<double>() * (1 << 20));
  }
  row.stdout_bytes = count_of(body, "stdout_bytes");
  row.stderr_bytes = count_of(body, "stderr_bytes");
  row.kept_bytes = count_of(body, "kept_bytes");
  row.folder = runs_folder + "/" + row.id;
  row.request = body.value("request", json(nullptr));
  row.facts = body;
  for (const char* known : {"request", "kept_bytes", "note"}) {
    row.facts.erase(known);
  }
  return row;
}

json run_to_json(const run_row& row, std::chrono::system_clock::time_point now) {
  auto out = row.facts.is_object() ? row.facts : json::object();
  out["id"] = row.id;
  out["name"] = row.name;
  out["state"] = row.state;
  out["reason"] = row.reason;
  out["exit_code"] = row.exit_code ? json(*row.exit_code) : json(nullptr);
  out["signal"] = row.signal ? json(*row.signal) : json(nullptr);
  out["ended_at"] = or_null(row.ended_at);
  out["folder"] = row.folder;
  out["has_actor"] = row.has_actor;
  out["has_output"] = row.has_output;
  out["number"] = row.number;
  const auto started = time_of(row.started_at);
  if (row.stage < run_stage::over && started) {
    out["duration_s"] = std::max(0.0, std::chrono::duration<double>(now - *started).count());
  }
  return out;
}

checked<run_query> run_query_from_json(const json& body) {
  run_query out;
  if (body.is_null()) {
    return out;
  }
  if (!body.is_object()) {
    return std::unexpected(bad_field{"body", "an object"});
  }
  for (const auto& [key, value] : body.items()) {
    if (value.is_null()) {
      continue;
    }
    if (key == "state" && value.is_string()) {
      out.state = value.get<std::string>();
    } else if (key == "script" && value.is_string()) {
      out.script = value.get<std::string>();
    } else if (key == "since" && value.is_string() && is_time(value.get_ref<const std::string&>())) {
      out.since = value.get<std::string>();
    } else if (key == "limit" && value.is_number_integer() && value.get<std::int64_t>() >= 1 &&
               value.get<std::int64_t>() <= most_rows) {
      out.limit = value.get<std::uint32_t>();
    } else if (key == "after" && value.is_number_integer() && value.get<std::int64_t>() >= 1) {
      out.before = value.get<std::uint64_t>();
    } else {
      return std::unexpected(bad_field{key, key == "since"   ? "a time in UTC like 2026-01-31 or 2026-01-31T12:00:00.000Z"
                                            : key == "limit" ? "a number from 1 to 1000"
                                            : key == "after" ? "the `next` of the page before"
                                                             : "known are state, script, since, limit, after"});
    }
  }
  return out;
}

json run_tree(const std::vector<run_row>& rows, std::chrono::system_clock::time_point now) {
  std::map<std::string, json> made;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) { // children before their parents
    auto one = run_to_json(*row, now);
    for (const char* left_out : {"result", "args", "params", "limits", "stdout_bytes", "stderr_bytes"}) {
      one.erase(left_out);
    }
    auto& own = made[row->id];
    one["children"] = own.is_array() ? std::move(own) : json::array();
    if (row->id == rows.front().id) {
      return one;
    }
    auto& siblings = made[row->parent];
    if (!siblings.is_array()) {
      siblings = json::array();
    }
    siblings.insert(siblings.begin(), std::move(one));
  }
  return nullptr;
}

} // namespace troupe
