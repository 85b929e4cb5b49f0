#include "runtime/store/sqlite_store.hpp"

#include "runtime/store/head_tables.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>

namespace troupe {

namespace {

constexpr std::chrono::milliseconds retry_pause{500};

using change = std::function<void(head_tables&)>;
using told = std::function<void(result<>)>;

/// What goes into one transaction. A step is kept until the commit succeeded, so it may run more than once.
struct group {
  std::deque<change> steps;
  std::map<std::string, std::vector<std::uint8_t>> checkpoints; ///< after the steps; the newest of each actor
  std::vector<told> waiting;
  std::size_t rows = 0;

  bool empty() const noexcept { return steps.empty() && checkpoints.empty() && waiting.empty(); }

  void append(group more) {
    std::ranges::move(more.steps, std::back_inserter(steps));
    for (auto& [name, value] : more.checkpoints) {
      checkpoints[name] = std::move(value);
    }
    std::ranges::move(more.waiting, std::back_inserter(waiting));
    rows += more.rows;
  }
};

} // namespace

struct sqlite_store::writer {
  writer(options what, std::unique_ptr<head_tables> opened) : settings(std::move(what)), tables(std::move(opened)) {}
  ~writer() { end(); }

  void add(std::size_t rows, change step) {
    std::unique_lock lock{mutex};
    room.wait(lock, [&] { return failing || queued.rows == 0 || queued.rows + rows <= settings.most_queued; });
    if (failing && unwritten + queued.rows + rows > settings.most_queued) {
      ++lost;
      return;
    }
    queued.rows += rows;
    queued.steps.push_back(std::move(step));
    wake.notify_one();
  }

  void work() {
    group kept; // of a transaction that failed
    std::unique_lock lock{mutex};
    for (;;) {
      if (kept.empty()) {
        wake.wait(lock, [&] { return ending || !queued.empty(); });
      } else {
        wake.wait_for(lock, retry_pause, [&] { return ending || !queued.waiting.empty(); });
      }
      kept.append(std::exchange(queued, {}));
      const bool last = ending;
      lock.unlock();
      room.notify_all();
      auto how = write(kept);
      for (auto& tell : std::exchange(kept.waiting, {})) {
        tell(how);
      }
      if (how) {
        kept = {};
      }
      lock.lock();
      if (!how && !failing) {
        settings.complain(how.error().text);
      } else if (how && lost != 0) {
        settings.complain(fmt::format("{} can be written again; {} changes are lost", settings.file.string(), lost));
        lost = 0;
      }
      failing = !how;
      unwritten = kept.rows;
      if (last && queued.empty()) {
        return;
      }
    }
  }

  result<> write(const group& what) {
    if (what.steps.empty() && what.checkpoints.empty()) {
      return {};
    }
    try {
      tables->begin(!what.steps.empty());
      for (const auto& step : what.steps) {
        step(*tables);
      }
      for (const auto& [name, value] : what.checkpoints) {
        tables->put_checkpoint(name, value);
      }
      tables->commit();
      return {};
    } catch (const std::exception& problem) {
      tables->undo();
      return fail(error_code::io_error, fmt::format("{} cannot be written ({}); what is new in the system will not come back "
                                                    "after a crash until that is mended",
                                                    settings.file.string(), problem.what()));
    }
  }

  void end() {
    {
      std::lock_guard lock{mutex};
      ending = true;
    }
    wake.notify_one();
    if (thread.joinable()) {
      thread.join();
    }
  }

  const options settings;
  std::unique_ptr<head_tables> tables; ///< of the writing thread, once that runs
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable room;
  group queued;
  std::size_t unwritten = 0; ///< rows of a transaction that failed
  std::size_t lost = 0;      ///< changes that found no room while writing failed
  bool failing = false;
  bool ending = false;
  std::thread thread;
};

result<sqlite_store::opened> sqlite_store::open(options what) {
  try {
    auto tables = std::make_unique<head_tables>(what.file);
    opened made;
    made.content = tables->load();
    if (made.content.clean_end) {
      made.content = after_orderly_end(std::move(made.content));
    }
    tables->begin(true);
    if (made.content.clean_end) {
      tables->replace_all(made.content);
    }
    tables->set_meta("clean_end", 0);
    tables->commit();
    made.store.reset(new sqlite_store(std::make_unique<writer>(std::move(what), std::move(tables))));
    return made;
  } catch (const std::exception& problem) {
    return fail(error_code::io_error,
                fmt::format("{} cannot be used ({}); move it away together with the files {}-wal and {}-shm, and the system "
                            "starts with what the config says only",
                            what.file.string(), problem.what(), what.file.filename().string(),
                            what.file.filename().string()));
  }
}

sqlite_store::sqlite_store(std::unique_ptr<writer> made) : writer_(std::move(made)) {
  writer_->thread = std::thread{[this] { writer_->work(); }};
}

sqlite_store::~sqlite_store() { writer_->end(); }

void sqlite_store::put_process(process_row what) {
  writer_->add(1, [what = std::move(what)](head_tables& to) { to.put_process(what); });
}

void sqlite_store::drop_process(std::string node) {
  writer_->add(1, [node = std::move(node)](head_tables& to) { to.drop_process(node); });
}

void sqlite_store::put_kind(kind_row what) {
  writer_->add(1, [what = std::move(what)](head_tables& to) { to.put_kind(what); });
}

void sqlite_store::put_actors(std::vector<std::string> names, std::string node, std::uint32_t kind) {
  const auto rows = names.size();
  writer_->add(rows, [names = std::move(names), node = std::move(node), kind](head_tables& to) {
    to.put_actors(names, node, kind);
  });
}

void sqlite_store::move_actor(std::string name, std::string node) {
  writer_->add(1, [name = std::move(name), node = std::move(node)](head_tables& to) { to.move_actor(name, node); });
}

void sqlite_store::drop_actors(std::vector<std::string> names) {
  {
    std::lock_guard lock{writer_->mutex};
    for (const auto& name : names) {
      writer_->queued.checkpoints.erase(name);
    }
  }
  const auto rows = names.size();
  writer_->add(rows, [names = std::move(names)](head_tables& to) { to.drop_actors(names); });
}

void sqlite_store::keep_checkpoint(std::string name, std::vector<std::uint8_t> checkpoint) {
  std::lock_guard lock{writer_->mutex};
  writer_->queued.checkpoints[std::move(name)] = std::move(checkpoint);
  writer_->wake.notify_one();
}

void sqlite_store::set_next_number(std::uint64_t number) {
  writer_->add(1, [number](head_tables& to) { to.set_meta("next_number", static_cast<std::int64_t>(number)); });
}

void sqlite_store::set_booted() {
  writer_->add(1, [](head_tables& to) { to.set_meta("booted", 1); });
}

void sqlite_store::set_clean_end() {
  writer_->add(1, [](head_tables& to) { to.set_meta("clean_end", 1); });
}

void sqlite_store::put_run(run_row what) {
  writer_->add(1, [what = std::move(what)](head_tables& to) { to.runs().put(what); });
}

void sqlite_store::drop_runs(std::vector<std::string> ids) {
  const auto rows = ids.size();
  writer_->add(rows, [ids = std::move(ids)](head_tables& to) { to.runs().drop(ids); });
}

void sqlite_store::note_no_actors(std::vector<std::string> ids) {
  const auto rows = ids.size();
  writer_->add(rows, [ids = std::move(ids)](head_tables& to) { to.runs().note_no_actors(ids); });
}

void sqlite_store::note_no_output(std::vector<std::string> ids) {
  const auto rows = ids.size();
  writer_->add(rows, [ids = std::move(ids)](head_tables& to) { to.runs().note_no_output(ids); });
}

void sqlite_store::put_place(run_place what) {
  writer_->add(1, [what = std::move(what)](head_tables& to) { to.runs().put_place(what); });
}

void sqlite_store::drop_place(std::string run) {
  writer_->add(1, [run = std::move(run)](head_tables& to) { to.runs().drop_place(run); });
}

void sqlite_store::flush(told done) {
  std::lock_guard lock{writer_->mutex};
  writer_->queued.waiting.push_back(std::move(done));
  writer_->wake.notify_one();
}

} // namespace troupe
