// Links between two processes over a socketpair, counted at the receiver; beside it a bare CAF broker pair that does
// the same on the same machine. One JSON line per figure.

#include "runtime/caf/transport/caf_link_transport.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/all.hpp>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace troupe {

namespace {

using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point start) {
  return std::chrono::duration<double>(steady::now() - start).count();
}

/// CPU time of this process and of the children that were waited for.
double cpu_seconds() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    ::getrusage(who, &used);
    for (const auto& time : {used.ru_utime, used.ru_stime})
      sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  }
  return sum;
}

double resident_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      double kib = 0;
      status >> kib;
      return kib / 1024;
    }
  return 0;
}

struct system_config : caf::actor_system_config {
  system_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
    set("middleman.workers", std::size_t{0});
    load<caf::io::middleman>();
  }
};

/// Calls a function per frame.
class frame_function final : public link_handler {
public:
  using function = std::function<void(link&, frame_type, std::span<const std::uint8_t>)>;
  explicit frame_function(function on_frame) : on_frame_(std::move(on_frame)) {}

  void on_open(std::shared_ptr<link> opened) override {
    opened->trust();
    std::lock_guard lock{mutex_};
    link_ = std::move(opened);
    changed_.notify_all();
  }
  void on_frame(frame_type type, std::span<const std::uint8_t> payload) override { on_frame_(*link_, type, payload); }
  void on_closed(const std::string&) override {
    std::lock_guard lock{mutex_};
    is_closed_ = true;
    changed_.notify_all();
  }
  std::shared_ptr<link> opened() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return link_ != nullptr; });
    return link_;
  }
  void wait_closed() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return is_closed_; });
  }

private:
  const function on_frame_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<link> link_;
  bool is_closed_ = false;
};

/// Runs `there` in a child and `here` in this process, with the ends of one socketpair.
double with_peer(const std::function<void(int)>& there, const std::function<double(int)>& here) {
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    std::abort();
  std::fflush(stdout);
  const auto child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(sockets[0]);
    there(sockets[1]);
    std::fflush(stdout);
    ::_exit(0);
  }
  ::close(sockets[1]);
  const auto value = here(sockets[0]);
  ::waitpid(child, nullptr, 0);
  return value;
}

/// In the child: echo frames of type `control`, count the others, answer a barrier with how many and how long it took.
void counting_peer(int socket) {
  system_config config;
  caf::actor_system system{config};
  caf_link_transport transport{system};
  std::uint64_t count = 0;
  steady::time_point first;
  auto handler =
    std::make_shared<frame_function>([&](link& here, frame_type type, std::span<const std::uint8_t> payload) {
      if (type == frame_type::control) {
        (void)here.send(type, payload, lane::answer);
      } else if (type == frame_type::barrier) {
        const double figures[3] = {static_cast<double>(count), seconds_since(first), resident_mib()};
        (void)here.send(frame_type::barrier_ack, {reinterpret_cast<const std::uint8_t*>(figures), sizeof figures},
                        lane::control);
        count = 0;
      } else if (count++ == 0) {
        first = steady::now();
      }
    });
  transport.adopt(socket, handler);
  handler->wait_closed();
}

struct figures {
  double count = 0, seconds = 0, resident = 0;
};

/// Sends `count` frames of `size` bytes and a barrier; what the receiver saw.
figures pour(int socket, std::size_t size, std::size_t count, double* resident_here) {
  system_config config;
  caf::actor_system system{config};
  caf_link_transport transport{system};
  figures seen;
  std::atomic<bool> is_done = false;
  auto handler = std::make_shared<frame_function>([&](link&, frame_type type, std::span<const std::uint8_t> payload) {
    if (type != frame_type::barrier_ack)
      return;
    std::memcpy(&seen, payload.data(), sizeof seen);
    is_done = true;
    is_done.notify_all();
  });
  transport.adopt(socket, handler);
  auto out = handler->opened();
  {
    const std::vector<std::uint8_t> payload(size, 1);
    for (std::size_t i = 0; i < count; ++i)
      while (!out->send(frame_type::message, payload, lane::ordinary))
        std::this_thread::sleep_for(std::chrono::microseconds{200});
  }
  (void)out->send(frame_type::barrier, {}, lane::control);
  is_done.wait(false);
  if (resident_here)
    *resident_here = resident_mib();
  out->close("done");
  handler->wait_closed();
  return seen;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// Round trips in µs, one at a time; a thread of its own sends and waits, as an actor would.
double link_round_trip(int socket, int rounds) {
  system_config config;
  caf::actor_system system{config};
  caf_link_transport transport{system};
  std::vector<double> times;
  steady::time_point sent;
  std::atomic<bool> is_done = false;
  const std::vector<std::uint8_t> payload(64);
  auto handler = std::make_shared<frame_function>([&](link& here, frame_type, std::span<const std::uint8_t>) {
    times.push_back(seconds_since(sent) * 1e6);
    if (static_cast<int>(times.size()) == rounds) {
      is_done = true;
      is_done.notify_all();
      return;
    }
    sent = steady::now();
    (void)here.send(frame_type::control, payload, lane::control);
  });
  transport.adopt(socket, handler);
  auto out = handler->opened();
  sent = steady::now();
  (void)out->send(frame_type::control, payload, lane::control);
  is_done.wait(false);
  out->close("done");
  handler->wait_closed();
  return median(std::move(times));
}

/// A thread that does what it is given, as an actor outside of the event loop does.
class worker {
public:
  worker() : thread_([this](std::stop_token stop) { run(stop); }) {}
  void give(std::function<void()> job) {
    std::lock_guard lock{mutex_};
    job_ = std::move(job);
    changed_.notify_one();
  }

private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (changed_.wait(lock, stop, [&] { return job_ != nullptr; })) {
      auto job = std::exchange(job_, nullptr);
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::function<void()> job_;
  std::jthread thread_;
};

/// Round trips in µs between two threads that are not their processes' event loops. `rounds` 0: the echo's side.
double threads_round_trip(int socket, int rounds) {
  system_config config;
  caf::actor_system system{config};
  caf_link_transport transport{system};
  std::vector<double> times;
  steady::time_point sent;
  std::atomic<bool> is_done = false;
  const std::vector<std::uint8_t> payload(64);
  worker hand;
  auto handler = std::make_shared<frame_function>([&](link& here, frame_type, std::span<const std::uint8_t>) {
    hand.give([&] {
      if (rounds > 0) {
        times.push_back(seconds_since(sent) * 1e6);
        if (static_cast<int>(times.size()) == rounds) {
          is_done = true;
          is_done.notify_all();
          return;
        }
        sent = steady::now();
      }
      (void)here.send(frame_type::message, payload, lane::ordinary);
    });
  });
  transport.adopt(socket, handler);
  auto out = handler->opened();
  if (rounds > 0) {
    sent = steady::now();
    (void)out->send(frame_type::message, payload, lane::ordinary);
    is_done.wait(false);
    out->close("done");
  }
  handler->wait_closed();
  return rounds > 0 ? median(std::move(times)) : 0;
}

double bare_round_trip(int socket, int rounds, bool is_echo) {
  system_config config;
  caf::actor_system system{config};
  auto& middleman = system.middleman();
  std::vector<double> times;
  steady::time_point sent;
  std::atomic<bool> is_done = false;
  middleman
    .spawn_broker<caf::hidden>([&](caf::io::broker* self) -> caf::behavior {
      auto connection = self->add_scribe(socket);
      self->configure_read(connection, caf::io::receive_policy::at_most(64 * 1024));
      const auto send = [self, connection](const void* data, std::size_t size) {
        self->write(connection, size, data);
        self->flush(connection);
      };
      const std::vector<char> payload(69);
      if (!is_echo) {
        sent = steady::now();
        send(payload.data(), payload.size());
      }
      return {[&, self, send, payload](const caf::io::new_data_msg& data) {
                if (is_echo)
                  return send(data.buf.data(), data.buf.size());
                times.push_back(seconds_since(sent) * 1e6);
                if (static_cast<int>(times.size()) == rounds)
                  return self->quit();
                sent = steady::now();
                send(payload.data(), payload.size());
              },
              [self](const caf::io::connection_closed_msg&) { self->quit(); }};
    })
    ->attach_functor([&] {
      is_done = true;
      is_done.notify_all();
    });
  is_done.wait(false);
  return is_echo ? 0 : median(std::move(times));
}

void print(const char* bench, double value, const char* unit, const char* baseline, double baseline_value) {
  std::printf(R"({"bench":"%s","value":%.4g,"unit":"%s","baseline":"%s","baseline_value":%.4g,"ratio":%.3g})"
              "\n",
              bench, value, unit, baseline, baseline_value, baseline_value > 0 ? value / baseline_value : 0.0);
}

void run() {
  constexpr int rounds = 20'000;
  const double bare = with_peer([](int socket) { bare_round_trip(socket, 0, true); },
                                [](int socket) { return bare_round_trip(socket, rounds, false); });
  const double linked = with_peer(counting_peer, [](int socket) { return link_round_trip(socket, rounds); });
  print("link_round_trip_p50", linked, "us", "bare CAF broker pair", bare);
  const double threads = with_peer([](int socket) { threads_round_trip(socket, 0); },
                                   [](int socket) { return threads_round_trip(socket, rounds); });
  print("link_round_trip_threads_p50", threads, "us", "bare CAF broker pair", bare);

  const auto cpu_before_small = cpu_seconds();
  with_peer(counting_peer, [](int socket) {
    const auto seen = pour(socket, 64, 10'000'000, nullptr);
    print("link_frames_64b", (seen.count - 1) / seen.seconds, "frames/s", "target", 3e6);
    return 0.0;
  });
  print("link_frames_64b_cpu", (cpu_seconds() - cpu_before_small) / 10e6 * 1e9, "ns/frame", "none", 0);
  with_peer(counting_peer, [](int socket) {
    const auto seen = pour(socket, 1024, 2'000'000, nullptr);
    print("link_frames_1k", (seen.count - 1) / seen.seconds, "frames/s", "none", 0);
    return 0.0;
  });
  const auto cpu_before = cpu_seconds();
  with_peer(counting_peer, [](int socket) {
    double here = 0;
    const auto seen = pour(socket, 64u << 20, 40, &here);
    print("link_64mib", (seen.count - 1) * (64u << 20) / seen.seconds / 1e9, "GB/s", "target", 1.5);
    print("link_64mib_rss_after_sender", here, "MiB", "none", 0);
    print("link_64mib_rss_after_receiver", seen.resident, "MiB", "none", 0);
    return 0.0;
  });
  print("link_64mib_cpu", (cpu_seconds() - cpu_before) / (40.0 * (64u << 20) / 1e9), "s/GB", "none", 0);
}

} // namespace

} // namespace troupe

int main() {
  troupe::run();
}
