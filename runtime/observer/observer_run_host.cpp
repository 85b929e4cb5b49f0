#include <runtime/observer/observer_run_host.hpp>

#include <runtime/observer/observed_run.hpp>

#include <chrono>
#include <future>

namespace troupe {
namespace {

// How long the end of the host waits for its loop's thread, which may have ended already.
constexpr std::chrono::seconds end_patience{2};

/// The user's handle: carries each call to the loop's thread.
class observer_run : public run {
public:
  observer_run(event_loop& loop, std::shared_ptr<observed_run> inner, std::weak_ptr<const int> host)
      : loop_(loop), inner_(std::move(inner)), host_(std::move(host)) {}
  ~observer_run() override {
    post([inner = std::move(inner_)] { inner->leave(); });
  }

  void read_output(output_query query, std::function<void(output_page)> done) override {
    post([inner = inner_, query, done = std::move(done)] { inner->read_output(query, done); });
  }
  void write_input(std::string bytes, std::string key, std::function<void(result<std::size_t>)> done) override {
    inner_->write_input(std::move(bytes), std::move(key), std::move(done));
    post([inner = inner_] { inner->pump_input(); });
  }
  void close_input(std::function<void(result<>)> done) override {
    inner_->close_input(std::move(done));
    post([inner = inner_] { inner->pump_input(); });
  }
  std::vector<std::string> withdraw_writes() override { return inner_->withdraw_writes(); }
  json save_input() const override { return inner_->save_input(); }
  void signal(int number) override {
    post([inner = inner_, number] { inner->signal(number); });
  }
  void cancel(std::optional<std::chrono::milliseconds> grace) override {
    post([inner = inner_, grace] { inner->cancel(grace); });
  }
  void answer_call(std::uint64_t id, json answer) override {
    post([inner = inner_, id, answer = std::move(answer)] { inner->answer_call(id, answer); });
  }
  void push_json(json value, std::function<void(result<>)> done) override {
    post([inner = inner_, value = std::move(value), done = std::move(done)] { inner->push_json(value, done); });
  }
  run_progress progress() const override { return inner_->progress(); }

private:
  void post(std::function<void()> what) {
    if (!host_.expired()) {
      loop_.post(std::move(what));
    }
  }

  event_loop& loop_;
  std::shared_ptr<observed_run> inner_;
  std::weak_ptr<const int> host_;
};

} // namespace

observer_run_host::observer_run_host(event_loop& loop, process_host& processes, std::string observer_program,
                                     prepared_observers* prepared)
    : loop_(loop), processes_(processes), observer_program_(std::move(observer_program)), prepared_(prepared) {}

observer_run_host::~observer_run_host() {
  alive_.reset();
  auto done = std::make_shared<std::promise<void>>();
  auto ended = done->get_future();
  loop_.post([runs = std::move(runs_), done] {
    for (const auto& one : runs) {
      if (const auto kept = one.lock()) {
        kept->leave();
      }
    }
    done->set_value();
  });
  ended.wait_for(end_patience);
}

std::shared_ptr<run> observer_run_host::start(const run_plan& plan, run_events events) {
  auto inner = std::make_shared<observed_run>(loop_, plan, std::move(events));
  note(inner);
  if (plan.warm && prepared_ != nullptr) {
    start_warm(plan, inner);
  } else {
    loop_.post([inner, &processes = processes_, program = observer_program_] { inner->start(processes, program); });
  }
  return std::make_shared<observer_run>(loop_, std::move(inner), alive_);
}

void observer_run_host::start_warm(const run_plan& plan, const std::shared_ptr<observed_run>& one) {
  loop_.post([plan, one, &processes = processes_, program = observer_program_, prepared = prepared_] {
    prepared->take(plan, [one, &processes, program, prepared](std::optional<prepared_observer> found) {
      if (!found) {
        one->start(processes, program);
        return;
      }
      one->start(std::move(found->control),
                 [prepared, source = found->source](const std::string& why) { prepared->refused(source, why); });
    });
  });
}

std::shared_ptr<run> observer_run_host::attach(const attach_request& what, run_events events) {
  auto inner = std::make_shared<observed_run>(loop_, what, std::move(events));
  note(inner);
  loop_.post([inner] { inner->attach(); });
  return std::make_shared<observer_run>(loop_, std::move(inner), alive_);
}

void observer_run_host::note(const std::shared_ptr<observed_run>& one) {
  std::lock_guard guard{mutex_};
  std::erase_if(runs_, [](const auto& other) { return other.expired(); });
  runs_.push_back(one);
}

} // namespace troupe
