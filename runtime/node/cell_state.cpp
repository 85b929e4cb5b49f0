// The portable state of an actor: what moves with it, and what it is restarted from.
#include "runtime/node/actor_cell.hpp"
#include "runtime/node/cell_extras.hpp"

#include <algorithm>

namespace troupe {

namespace {

using std::chrono::steady_clock;

double seconds_until(steady_clock::time_point due) {
  return std::max(0.0, std::chrono::duration<double>(due - steady_clock::now()).count());
}

steady_clock::time_point in(double time_s) {
  return steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(time_s));
}

json tickers_to_json(const cell_extras& more) {
  json all = json::array();
  for (const auto& [name, ticker] : more.tickers) {
    all.push_back(json{{"name", name},
                       {"period_s", ticker.options.period.count()},
                       {"due_in_s", seconds_until(ticker.due)},
                       {"count", ticker.options.count ? json(*ticker.options.count) : json(nullptr)},
                       {"sent", ticker.sent},
                       {"command", ticker.options.command}});
  }
  return all;
}

json timers_to_json(const cell_extras& more) {
  json all = json::array();
  for (const auto& [id, timer] : more.timer_messages) {
    all.push_back(json{{"mid", timer.mid}, {"due_in_s", seconds_until(timer.due)}});
  }
  return all;
}

json observers_to_json(const cell_extras& more) {
  json all = json::object();
  for (const auto& [command, observers] : more.observers) {
    auto& list = all[command] = json::array();
    for (const auto& observer : observers) {
      list.push_back(observer.to_json());
    }
  }
  return all;
}

void extras_from_json(cell_extras& more, const json& state) {
  for (const auto& item : state.value("tickers", json::array())) {
    const auto name = item.at("name").get<std::string>();
    if (more.tickers.contains(name)) {
      continue;
    }
    auto& ticker = more.tickers[name];
    ticker.options.name = name;
    ticker.options.period = seconds{item.at("period_s").get<double>()};
    if (!item.at("count").is_null()) {
      ticker.options.count = item["count"].get<std::uint64_t>();
    }
    ticker.options.command = item.at("command").get<std::string>();
    ticker.sent = item.at("sent").get<std::uint64_t>();
    ticker.due = in(item.at("due_in_s").get<double>());
  }
  more.ticker_count = state.value("ticker_count", std::uint64_t{0});
  for (const auto& item : state.value("timers", json::array())) {
    more.timer_messages[++more.timer_count] = {item.at("mid"), 0, in(item.at("due_in_s").get<double>())};
  }
  const auto all_observers = state.value("observers", json::object());
  for (const auto& [command, observers] : all_observers.items()) {
    for (const auto& observer : observers) {
      more.observers[command].push_back(address::from_json(observer).value_or(address{}));
    }
  }
  for (const auto& command : state.value("not_logged", json::array())) {
    more.not_logged.insert(command.get<std::string>());
  }
  for (const auto& command : state.value("cumulative", json::array())) {
    more.cumulative.try_emplace(command.get<std::string>());
  }
}

} // namespace

json actor_cell::export_state() const {
  json params = json::object();
  for (const auto& param : class_->loaded.info->params) {
    params[param.name] = param.get(*actor_);
  }
  json state{{"params", std::move(params)}, {"state", actor_->save()}};
  if (extras_) {
    state["tickers"] = tickers_to_json(*extras_);
    state["ticker_count"] = extras_->ticker_count;
    state["timers"] = timers_to_json(*extras_);
    state["observers"] = observers_to_json(*extras_);
    state["not_logged"] = extras_->not_logged;
    json cumulative = json::array();
    for (const auto& [command, count] : extras_->cumulative) {
      cumulative.push_back(command);
    }
    state["cumulative"] = std::move(cumulative);
  }
  return state;
}

result<> actor_cell::import_state(const json& state) {
  const auto& info = *class_->loaded.info;
  const auto params = state.value("params", json::object());
  for (const auto& [name, value] : params.items()) {
    const auto* param = info.find_param(name);
    if (param == nullptr) {
      continue;
    }
    if (auto expected = param->check(value)) {
      return fail(error_code::conflict, "the class " + info.name + " takes " + *expected + " for the parameter " + name);
    }
    param->set(*actor_, value);
  }
  try {
    if (state.contains("state") && !state["state"].is_null()) {
      actor_->restore(state["state"]);
    }
    if (state.contains("tickers")) {
      extras_from_json(extras(), state);
    }
  } catch (const std::exception& problem) {
    return fail(error_code::actor_failed, std::string{"the state could not be taken over: "} + problem.what());
  } catch (...) {
    return fail(error_code::actor_failed, "the state could not be taken over: an exception of unknown type");
  }
  return {};
}

} // namespace troupe
