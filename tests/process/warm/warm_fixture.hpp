#pragma once

#include "tests/process/observer/run_fixture.hpp"

#include <runtime/warm_pool/node_warm_pool.hpp>

#include <sstream>

namespace troupe {

/// Runs as a node starts them that has prepared interpreters.
class warm_fixture : public run_fixture {
protected:
  warm_fixture() { make_pool(); }
  ~warm_fixture() override {
    use(nullptr);
    pool_.reset();
  }

  static warm_pool_options patient() {
    warm_pool_options out;
    out.patience = 30s; // under load a seat may take its time
    return out;
  }

  void make_pool(warm_pool_options options = patient()) {
    use(nullptr);
    pool_.reset();
    pool_ = std::make_unique<node_warm_pool>(
      loop(), processes(),
      warm_programs{TROUPE_OBSERVER, WARM_PARENT, folder() + "/runs", [this](const std::string& text) { said(text); }}, options);
    use(&pool_->observers());
  }

  std::string file(const std::string& name, const std::string& text) {
    const auto path = folder() + "/" + name;
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path());
    std::ofstream{path} << text;
    return path;
  }

  run_plan script(const std::string& path, std::vector<std::string> args = {}, bool warm = true) {
    auto out = plan({python, path});
    out.argv.insert(out.argv.end(), args.begin(), args.end());
    out.script = path;
    out.env["PYTHONUNBUFFERED"] = "1";
    out.env["HOME"] = "/nonexistent";
    out.warm = warm;
    return out;
  }

  /// Until runs of this kind come from a prepared interpreter.
  void warm_up(const run_plan& like) {
    const auto trivial = file("trivial.py", "pass\n");
    EXPECT_TRUE(eventually(
      [&] {
        auto one = script(trivial);
        one.env = like.env;
        one.argv.front() = like.argv.front();
        one.own_pid_namespace = like.own_pid_namespace;
        auto& run = start(one);
        const auto begun = run.started();
        run.ended();
        return begun && begun->warm;
      },
      60s))
      << "no run becomes warm: " << log();
  }

  struct outcome {
    bool warm = false;
    run_outcome how{};
    std::optional<int> code;
    std::optional<int> signal;
    std::string out;
    std::string err;
  };

  outcome end_of(observed& one) {
    const auto begun = one.started();
    const auto end = one.ended();
    if (!begun || !end) {
      ADD_FAILURE() << "a run has no end";
      return {};
    }
    return {begun->warm, end->outcome, end->exit_code, end->signal, one.all(spool_stream::out), one.all(spool_stream::err)};
  }
  outcome run(const run_plan& what) { return end_of(start(what)); }

  /// The processes that make others, living ones.
  std::vector<pid_t> parents() {
    std::vector<pid_t> out;
    for (const auto& entry : descendants_of(::getpid())) {
      std::ifstream file{"/proc/" + std::to_string(entry.pid) + "/cmdline"};
      std::stringstream text;
      text << file.rdbuf();
      if (entry.parent == ::getpid() && text.str().find("warm_parent.py") != std::string::npos) {
        out.push_back(entry.pid);
      }
    }
    return out;
  }

  std::string log() {
    std::lock_guard guard{log_mutex_};
    return log_;
  }

  node_warm_pool& pool() { return *pool_; }

  std::string python = "/usr/bin/python3";

private:
  void said(const std::string& text) {
    std::lock_guard guard{log_mutex_};
    log_ += text + "\n";
  }

  std::mutex log_mutex_;
  std::string log_;
  std::unique_ptr<node_warm_pool> pool_;
};

} // namespace troupe
