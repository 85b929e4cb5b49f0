#include <actors/task/history_note.hpp>

#include <runtime/observer/utc_time.hpp>
#include <runtime/task_id/task_id.hpp>

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t most_kept = 64 * 1024; ///< bytes of a request, of arguments, of a result
constexpr std::size_t most_shown = 1'024;    ///< of a command line
constexpr double first_patience_s = 2;
constexpr double longest_patience_s = 15;
constexpr int most_doublings = 3;

std::size_t size_of(const json& value) { return json::to_cbor(value).size(); }

json within_bounds(json value) { return size_of(value) <= most_kept ? std::move(value) : json(nullptr); }

std::string line_of(const run_plan& plan) {
  if (!plan.script.empty()) {
    return plan.script;
  }
  std::string line;
  for (const auto& word : plan.argv) {
    line += (line.empty() ? "" : " ") + word;
  }
  return line.substr(0, most_shown);
}

template <class Count>
json or_null(const std::optional<Count>& value, double unit) {
  return value ? json(static_cast<double>(*value) / unit) : json(nullptr);
}

json seconds_or_null(const std::optional<std::chrono::milliseconds>& value) {
  return value ? json(std::chrono::duration<double>(*value).count()) : json(nullptr);
}

} // namespace

void history_note::begin(const message& start) {
  auto request = start.body();
  const auto params = request.find("params");
  params_ = params == request.end() ? json::object() : within_bounds(*params);
  for (const char* own : {"id", "parent", "depth"}) {
    request.erase(own);
  }
  request_ = within_bounds(std::move(request));
  who_ = start.user();
  if (const auto& sender = start.sender(); who_.empty() && !sender.is_null()) {
    who_ = sender.is_ask() || sender.entity.empty() ? sender.node : sender.entity;
  }
  accepted_at_ = utc_now();
}

void history_note::set_plan(const run_plan& plan) {
  constexpr double mb = 1 << 20;
  script_ = line_of(plan);
  limits_ = {{"timeout_s", seconds_or_null(plan.timeout)},
             {"memory_mb", or_null(plan.memory_limit, mb)},
             {"cpu_s", seconds_or_null(plan.cpu_limit)},
             {"processes", or_null(plan.process_limit, 1)},
             {"open_files", or_null(plan.open_file_limit, 1)},
             {"disk_mb", or_null(plan.disk_limit, mb)}};
  kept_limit_ = plan.spool_limit;
  keeps_out_ = plan.keep_stdout;
  keeps_err_ = plan.keep_stderr;
}

void history_note::tell(context& ctx, std::function<json()> state) {
  if (ports_.history.is_null() || accepted_at_.empty()) {
    return;
  }
  state_ = std::move(state);
  ++told_;
  repeats_ = 0;
  send(ctx);
}

void history_note::go_on(context& ctx, std::function<json()> state) {
  if (noted_ < told_ || ended_at_.empty()) {
    tell(ctx, std::move(state));
  }
}

void history_note::send(context& ctx) {
  auto body = state_();
  const auto name = body.value("state", "");
  const bool active = name == "accepted" || name == "preparing" || name == "queued" || name == "running" || name == "stopping";
  if (!active && ended_at_.empty()) {
    ended_at_ = utc_now();
  }
  const auto count = [&](const char* key, bool kept) { return kept ? body.value(key, std::uint64_t{0}) : 0; };
  body["kept_bytes"] = std::min(count("stdout_bytes", keeps_out_) + count("stderr_bytes", keeps_err_), kept_limit_);
  for (const char* large : {"args", "result"}) {
    if (const auto found = body.find(large); found != body.end()) {
      *found = within_bounds(std::move(*found));
    }
  }
  body["request"] = request_;
  body["params"] = params_;
  body["limits"] = limits_;
  body["who"] = who_;
  body["line"] = script_;
  body["accepted_at"] = accepted_at_;
  body["ended_at"] = ended_at_.empty() ? json(nullptr) : json(ended_at_);
  body["note"] = told_;
  request what{ports_.history, "note_run", std::move(body), {}, address{ctx.name()}, {}};
  (void)ctx.send(std::move(what));
  const auto patience = std::min(first_patience_s * (1 << std::min(repeats_++, most_doublings)), longest_patience_s);
  ctx.after(seconds{patience}, [this, &ctx, number = told_] {
    if (number == told_ && noted_ < told_) {
      send(ctx);
    }
  });
}

void history_note::answered(const message& what) {
  const auto& body = what.body();
  if (body.is_object() && body.contains("note") && body["note"].is_number_unsigned()) {
    noted_ = std::max(noted_, body["note"].get<std::uint64_t>());
  }
}

json history_note::save() const {
  return {{"request", request_},       {"params", params_},         {"limits", limits_},     {"who", who_},
          {"line", script_},           {"accepted_at", accepted_at_}, {"ended_at", ended_at_}, {"kept_limit", kept_limit_},
          {"keeps_out", keeps_out_},   {"keeps_err", keeps_err_},   {"told", told_},         {"noted", noted_}};
}

void history_note::load(const json& value) {
  request_ = value.at("request");
  params_ = value.at("params");
  limits_ = value.at("limits");
  who_ = value.at("who").get<std::string>();
  script_ = value.at("line").get<std::string>();
  accepted_at_ = value.at("accepted_at").get<std::string>();
  ended_at_ = value.at("ended_at").get<std::string>();
  kept_limit_ = value.at("kept_limit").get<std::uint64_t>();
  keeps_out_ = value.at("keeps_out").get<bool>();
  keeps_err_ = value.at("keeps_err").get<bool>();
  told_ = value.at("told").get<std::uint64_t>();
  noted_ = value.at("noted").get<std::uint64_t>();
}

} // namespace troupe
