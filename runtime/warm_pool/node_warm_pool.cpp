#include <runtime/warm_pool/node_warm_pool.hpp>

#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace troupe {
namespace {

// The loop's thread may have ended already.
constexpr std::chrono::seconds end_patience{2};
constexpr std::chrono::milliseconds pause{1};

warm_pool_world world_of(event_loop& loop, const warm_programs& programs) {
  warm_pool_world out;
  out.now = [] { return std::chrono::steady_clock::now(); };
  out.after = [&loop](std::chrono::milliseconds time, std::function<void()> what) { loop.after(time, std::move(what)); };
  out.log = programs.log;
  return out;
}

} // namespace

node_warm_pool::node_warm_pool(event_loop& loop, process_host& processes, const warm_programs& programs,
                               warm_pool_options options)
    : loop_(loop), parents_(loop, processes, programs),
      pool_(std::make_unique<warm_pool>(parents_, world_of(loop, programs), options)) {}

node_warm_pool::~node_warm_pool() {
  close();
  on_loop([pool = std::shared_ptr<warm_pool>(std::move(pool_))]() mutable { pool.reset(); });
}

void node_warm_pool::close() {
  if (std::exchange(is_closed_, true)) {
    return;
  }
  on_loop([this] { pool_->end_seats(); });
  const auto deadline = std::chrono::steady_clock::now() + end_patience;
  auto is_empty = std::make_shared<bool>(false);
  while (!*is_empty && std::chrono::steady_clock::now() < deadline) {
    on_loop([this, is_empty] { *is_empty = pool_->is_empty(); });
    std::this_thread::sleep_for(pause); // sleep: the pause of a wait with a deadline
  }
  on_loop([this] { pool_->close(); });
}

void node_warm_pool::on_loop(std::function<void()> what) {
  auto done = std::make_shared<std::promise<void>>();
  auto ended = done->get_future();
  loop_.post([what = std::move(what), done]() mutable {
    what();
    what = nullptr;
    done->set_value();
  });
  ended.wait_for(end_patience);
}

} // namespace troupe
