#include <actors/runs/run_desk.hpp>

#include <utility>

namespace troupe {
namespace {

constexpr std::size_t most_waiting = 10'000;

} // namespace

run_desk::run_desk(std::filesystem::path database, std::string runs_folder)
  : shelf_{run_reader{std::move(database)}, past_outputs{runs_folder}, runs_folder}, thread_([this] { work(); }) {}

run_desk::~run_desk() {
  {
    std::lock_guard lock{mutex_};
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool run_desk::post(step what) {
  std::lock_guard lock{mutex_};
  if (ending_ || queue_.size() >= most_waiting) {
    return false;
  }
  queue_.push_back(std::move(what));
  wake_.notify_one();
  return true;
}

void run_desk::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    wake_.wait(lock, [&] { return ending_ || !queue_.empty(); });
    if (ending_) {
      return;
    }
    auto next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    next(shelf_);
    next = nullptr;
    lock.lock();
  }
}

} // namespace troupe
