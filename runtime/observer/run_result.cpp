#include <runtime/observer/run_result.hpp>

#include <array>
#include <string_view>

namespace troupe {
namespace {

constexpr std::array<const char*, 6> outcome_names{"exited",          "signalled", "timed_out",
                                                   "memory_exceeded", "cancelled", "lost"};

json or_null(const std::optional<int>& value) {
  return value ? json(*value) : json(nullptr);
}

std::optional<int> int_or_nothing(const json& value) {
  return value.is_number_integer() ? std::optional<int>(value.get<int>()) : std::nullopt;
}

} // namespace

const char* to_string(run_outcome outcome) {
  return outcome_names[static_cast<std::size_t>(outcome)];
}

json to_json(const run_progress& progress) {
  return {{"records", progress.records}, {"stdout_bytes", progress.out_bytes}, {"stderr_bytes", progress.err_bytes}};
}

run_progress run_progress_from_json(const json& value) {
  run_progress out;
  if (value.is_object()) {
    out.records = value.value("records", std::uint64_t{0});
    out.out_bytes = value.value("stdout_bytes", std::uint64_t{0});
    out.err_bytes = value.value("stderr_bytes", std::uint64_t{0});
  }
  return out;
}

json to_json(const run_result& result) {
  json out = to_json(result.progress);
  out["outcome"] = to_string(result.outcome);
  out["exit_code"] = or_null(result.exit_code);
  out["signal"] = or_null(result.signal);
  out["reason"] = result.reason;
  out["duration_s"] = result.duration_s;
  out["peak_memory_bytes"] = result.peak_memory;
  out["cpu_s"] = result.cpu_s;
  return out;
}

result<run_result> run_result_from_json(const json& value) {
  try {
    run_result out;
    const auto name = value.at("outcome").get<std::string>();
    std::size_t index = 0;
    while (index < outcome_names.size() && name != outcome_names[index]) {
      ++index;
    }
    if (index == outcome_names.size()) {
      return fail(error_code::bad_request, "cannot read a run's result: unknown outcome " + name);
    }
    out.outcome = static_cast<run_outcome>(index);
    out.exit_code = int_or_nothing(value.at("exit_code"));
    out.signal = int_or_nothing(value.at("signal"));
    out.reason = value.at("reason").get<std::string>();
    out.duration_s = value.at("duration_s").get<double>();
    out.peak_memory = value.value("peak_memory_bytes", std::uint64_t{0});
    out.cpu_s = value.value("cpu_s", 0.0);
    out.progress = run_progress_from_json(value);
    return out;
  } catch (const json::exception& problem) {
    return fail(error_code::bad_request, std::string{"cannot read a run's result: "} + problem.what());
  }
}

} // namespace troupe
