#pragma once

#include <runtime/observer/cgroup_files.hpp>
#include <runtime/observer/observer_run_host.hpp>
#include <runtime/observer/process_tree.hpp>
#include <runtime/process/io_thread.hpp>
#include <runtime/process/posix_process_host.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace troupe {

using namespace std::chrono_literals;

/// One run under a real observer, and what it told.
class observed {
public:
  std::string id;
  std::shared_ptr<run> handle;

  run_events events() {
    return {[this](run_started how) { note([&] { started_ = how; }); },
            [this](std::string why) { note([&] { rejected_ = std::move(why); }); },
            [this](run_result how) { note([&] { ended_ = std::move(how); }); },
            [this](run_call what) { note([&] { calls_.push_back(std::move(what)); }); },
            [this](std::uint64_t id) { note([&] { gone_.push_back(id); }); },
            [this] { note([&] { replaced_ = true; }); }};
  }

  std::optional<run_started> started() { return wait(started_); }
  std::optional<std::string> rejected() { return wait(rejected_); }
  std::optional<run_result> ended() { return wait(ended_); }
  bool has_ended() {
    std::lock_guard guard{mutex_};
    return ended_.has_value();
  }

  output_page read(std::uint64_t from, std::chrono::milliseconds wait = 10s, std::size_t max_bytes = 256 * 1024) {
    auto got = std::make_shared<std::promise<output_page>>();
    auto page = got->get_future();
    handle->read_output({from, wait, max_bytes}, [got](output_page what) { got->set_value(std::move(what)); });
    return page.get();
  }

  /// Everything of a stream up to the end.
  std::string all(spool_stream stream) {
    std::string text;
    for (output_page page = read(0);; page = read(page.next)) {
      for (const auto& record : page.records) {
        if (record.stream == stream) {
          text += record.data;
        }
      }
      if (page.ended) {
        return text;
      }
    }
  }

  bool replaced() { return wait(replaced_).has_value(); }
  /// The call with this number in the order of their coming; nothing if it does not come.
  std::optional<run_call> call(std::size_t number) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 60s, [&] { return calls_.size() > number; });
    return calls_.size() > number ? std::optional{calls_[number]} : std::nullopt;
  }
  std::size_t calls() {
    std::lock_guard guard{mutex_};
    return calls_.size();
  }
  std::vector<std::uint64_t> gone() {
    std::lock_guard guard{mutex_};
    return gone_;
  }

  result<> push(json value) {
    auto got = std::make_shared<std::promise<result<>>>();
    auto done = got->get_future();
    handle->push_json(std::move(value), [got](result<> how) { got->set_value(std::move(how)); });
    return done.get();
  }

  result<std::size_t> write(std::string bytes, std::string key = {}) {
    auto got = std::make_shared<std::promise<result<std::size_t>>>();
    auto done = got->get_future();
    handle->write_input(std::move(bytes), std::move(key), [got](result<std::size_t> how) { got->set_value(std::move(how)); });
    return done.get();
  }

  result<> close_input() {
    auto got = std::make_shared<std::promise<result<>>>();
    auto done = got->get_future();
    handle->close_input([got](result<> how) { got->set_value(std::move(how)); });
    return done.get();
  }

private:
  template <class Change>
  void note(Change&& change) {
    std::lock_guard guard{mutex_};
    change();
    changed_.notify_all();
  }

  template <class T>
  std::optional<T> wait(std::optional<T>& what) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 60s, [&] { return what.has_value(); });
    return what;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<run_started> started_;
  std::optional<std::string> rejected_;
  std::optional<run_result> ended_;
  std::optional<bool> replaced_;
  std::vector<run_call> calls_;
  std::vector<std::uint64_t> gone_;
};

/// A run host as a node has it, in a folder of its own. At the end nothing may be left of any run.
class run_fixture : public testing::Test {
protected:
  run_fixture() {
    char name[] = "/tmp/troupe-runs-XXXXXX";
    folder_ = ::mkdtemp(name);
    descriptors_before_ = open_descriptors();
    bring_up();
  }

  ~run_fixture() override {
    for (auto& one : all_) {
      if (one->handle) {
        one->handle->cancel(0ms);
        one->handle.reset();
      }
    }
    EXPECT_TRUE(eventually([&] {
      siginfo_t info{};
      return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0; // the host collects its children
    }));
    bring_down();
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child or zombie is left";
    EXPECT_EQ(open_descriptors(), descriptors_before_);
    const auto places = find_cgroups();
    for (auto& one : all_) {
      EXPECT_TRUE(processes_of_run(one->id, 0).empty()) << "processes are left of " << one->id;
      for (const auto& parent : {places.memory, places.pids, places.cpuacct}) {
        EXPECT_FALSE(std::filesystem::exists(parent + "/" + cgroup_name_of(one->id))) << "a cgroup is left of " << one->id;
      }
    }
    std::filesystem::remove_all(folder_);
  }

  void bring_up() {
    io_ = std::make_unique<io_thread>();
    processes_ = std::make_unique<posix_process_host>();
    host_ = std::make_unique<observer_run_host>(io_->loop(), *processes_, TROUPE_OBSERVER);
  }

  void bring_down() {
    host_.reset();
    processes_.reset();
    io_.reset();
  }

  run_plan plan(std::vector<std::string> argv) {
    run_plan out;
    out.id = "run_" + std::to_string(::getpid()) + "_" + std::to_string(++count_);
    out.folder = folder_ + "/" + out.id;
    out.argv = std::move(argv);
    out.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
    return out;
  }

  run_plan shell(std::string script) { return plan({"/bin/sh", "-c", std::move(script)}); }
  run_plan python(std::string script) {
    auto out = plan({"/usr/bin/python3", "-c", std::move(script)});
    out.env["PYTHONUNBUFFERED"] = "1";
    return out;
  }

  observed& start(const run_plan& what) {
    all_.push_back(std::make_unique<observed>());
    auto& one = *all_.back();
    one.id = what.id;
    one.handle = host_->start(what, one.events());
    return one;
  }

  /// Another user of a run that goes on.
  observed& attach(const run_plan& what, std::uint64_t epoch, json input = nullptr) {
    all_.push_back(std::make_unique<observed>());
    auto& one = *all_.back();
    one.id = what.id;
    one.handle = host_->attach({what.id, what.folder, epoch, 0, what.stdin_open, std::move(input), false}, one.events());
    return one;
  }

  template <class Condition>
  static bool eventually(Condition&& condition, std::chrono::milliseconds limit = 20s) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      ::usleep(2'000); // sleep: the pause of a wait with a deadline
    }
    return true;
  }

  static bool is_alive(pid_t pid) {
    for (const auto& entry : process_table()) {
      if (entry.pid == pid) {
        return !entry.is_zombie;
      }
    }
    return false;
  }

  static std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  /// The observer that guards `script`.
  static pid_t parent_of(pid_t script) {
    for (const auto& entry : process_table()) {
      if (entry.pid == script) {
        return entry.parent;
      }
    }
    return -1;
  }

  void end_host() { host_.reset(); }

  posix_process_host& processes() { return *processes_; }
  event_loop& loop() { return io_->loop(); }
  const std::string& folder() const { return folder_; }
  /// From now on runs may be warm.
  void use(prepared_observers* prepared) {
    host_.reset();
    host_ = std::make_unique<observer_run_host>(io_->loop(), *processes_, TROUPE_OBSERVER, prepared);
  }

  std::string folder_;

private:
  std::size_t descriptors_before_ = 0;
  int count_ = 0;
  std::unique_ptr<io_thread> io_;
  std::unique_ptr<posix_process_host> processes_;
  std::unique_ptr<observer_run_host> host_;
  std::vector<std::unique_ptr<observed>> all_;
};

} // namespace troupe
