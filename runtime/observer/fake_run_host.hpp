#pragma once

#include <runtime/observer/run_host.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A run that exists only in a test; the test plays the observer's part, on its own thread.
class fake_run : public run {
public:
  struct waiting_read {
    output_query query;
    std::function<void(output_page)> done;
  };
  struct input_write {
    std::string bytes;
    std::string key;
    std::function<void(result<std::size_t>)> done;
  };

  fake_run(run_plan what, run_events how) : plan(std::move(what)), events(std::move(how)) {}

  void read_output(output_query query, std::function<void(output_page)> done) override {
    reads.push_back({query, std::move(done)});
  }
  void write_input(std::string bytes, std::string key, std::function<void(result<std::size_t>)> done) override {
    writes.push_back({std::move(bytes), std::move(key), std::move(done)});
  }
  void close_input(std::function<void(result<>)> done) override { closes.push_back(std::move(done)); }
  std::vector<std::string> withdraw_writes() override {
    std::vector<std::string> keys;
    for (const auto& one : writes) {
      keys.push_back(one.key);
    }
    return keys;
  }
  json save_input() const override { return input; }
  void signal(int number) override { signals.push_back(number); }
  void cancel(std::optional<std::chrono::milliseconds> grace = {}) override { cancels.push_back(grace); }
  void answer_call(std::uint64_t id, json answer) override { answers.emplace_back(id, std::move(answer)); }
  void push_json(json value, std::function<void(result<>)> done) override {
    pushes.emplace_back(std::move(value), std::move(done));
  }
  run_progress progress() const override { return made; }

  run_plan plan;            ///< of a started run
  attach_request attached;  ///< of one that was taken over
  run_events events;
  run_progress made;
  json input;
  std::vector<waiting_read> reads;
  std::vector<input_write> writes;
  std::vector<std::function<void(result<>)>> closes;
  std::vector<int> signals;
  std::vector<std::pair<std::uint64_t, json>> answers;
  std::vector<std::pair<json, std::function<void(result<>)>>> pushes;
  std::vector<std::optional<std::chrono::milliseconds>> cancels;
};

/// Records what was started; starts nothing.
class fake_run_host : public run_host {
public:
  std::shared_ptr<run> start(const run_plan& plan, run_events events) override {
    auto made = std::make_shared<fake_run>(plan, std::move(events));
    runs.push_back(made);
    return made;
  }
  std::shared_ptr<run> attach(const attach_request& what, run_events events) override {
    auto made = std::make_shared<fake_run>(run_plan{}, std::move(events));
    made->attached = what;
    runs.push_back(made);
    return made;
  }

  std::vector<std::shared_ptr<fake_run>> runs;
};

} // namespace troupe
