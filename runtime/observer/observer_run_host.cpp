#include <runtime/observer/observer_run_host.hpp>

#include <runtime/observer/observed_run.hpp>

namespace troupe {
namespace {

/// The user's handle: carries each call to the loop's thread.
class observer_run : public run {
public:
  observer_run(event_loop& loop, std::shared_ptr<observed_run> inner) : loop_(loop), inner_(std::move(inner)) {}
  ~observer_run() override {
    loop_.post([inner = std::move(inner_)] { inner->abandon(); });
  }

  void read_output(output_query query, std::function<void(output_page)> done) override {
    loop_.post([inner = inner_, query, done = std::move(done)] { inner->read_output(query, done); });
  }
  void write_input(std::string bytes, std::function<void(result<std::size_t>)> done) override {
    loop_.post([inner = inner_, bytes = std::move(bytes), done = std::move(done)]() mutable {
      inner->write_input(std::move(bytes), std::move(done));
    });
  }
  void close_input(std::function<void(result<>)> done) override {
    loop_.post([inner = inner_, done = std::move(done)] { inner->close_input(done); });
  }
  void signal(int number) override {
    loop_.post([inner = inner_, number] { inner->signal(number); });
  }
  void cancel(std::optional<std::chrono::milliseconds> grace) override {
    loop_.post([inner = inner_, grace] { inner->cancel(grace); });
  }
  run_progress progress() const override { return inner_->progress(); }

private:
  event_loop& loop_;
  std::shared_ptr<observed_run> inner_;
};

} // namespace

observer_run_host::observer_run_host(event_loop& loop, process_host& processes, std::string observer_program)
    : loop_(loop), processes_(processes), observer_program_(std::move(observer_program)) {}

std::shared_ptr<run> observer_run_host::start(const run_plan& plan, run_events events) {
  auto inner = std::make_shared<observed_run>(loop_, plan, std::move(events));
  loop_.post([inner, &processes = processes_, program = observer_program_] { inner->start(processes, program); });
  return std::make_shared<observer_run>(loop_, std::move(inner));
}

} // namespace troupe
