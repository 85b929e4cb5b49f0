#include "tests/bench/creation/bare_creation.hpp"

#include "tests/bench/support/bare_caf.hpp"
#include "tests/bench/support/bench_line.hpp"
#include "tests/bench/support/own_child.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace bench {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::uint64_t warm_up = 1000; ///< actors whose memory and time do not count

double seconds_since(steady::time_point begin) {
  return std::chrono::duration<double>(steady::now() - begin).count();
}

caf::behavior idle(caf::event_based_actor*) {
  return {[](std::uint64_t) {}};
}

void spawn_and_report(std::uint64_t count, int socket) {
  bare_caf_config config;
  caf::actor_system system{config};
  std::vector<caf::actor> all;
  all.reserve(count + warm_up);
  for (std::uint64_t i = 0; i < warm_up; ++i) {
    all.push_back(system.spawn(idle));
  }
  // The handles' own array is not the actors' memory.
  std::fill_n(std::back_inserter(all), count, caf::actor{});
  const auto before = resident_bytes();
  const auto begin = steady::now();
  for (std::uint64_t i = 0; i < count; ++i) {
    all[warm_up + i] = system.spawn(idle);
  }
  const double report[2]{static_cast<double>(count) / seconds_since(begin),
                         (resident_bytes() - before) / static_cast<double>(count)};
  if (::write(socket, report, sizeof report) != sizeof report) {
    ::_exit(1);
  }
  ::_exit(0); // nobody waits for a million actors to end
}

void answer_once(int socket) {
  bare_caf_config config;
  caf::actor_system system{config};
  system.middleman().spawn_broker([socket](caf::io::broker* self) -> caf::behavior {
    auto connection = self->add_scribe(socket);
    self->configure_read(connection, caf::io::receive_policy::at_most(1024));
    return {[=](const caf::io::new_data_msg& data) {
              self->write(connection, data.buf.size(), data.buf.data());
              self->flush(connection);
            },
            [=](const caf::io::connection_closed_msg&) { self->quit(); }};
  });
}

} // namespace

bare_actors spawn_bare_actors(std::uint64_t count) {
  own_child child{{"--bare-actors", std::to_string(count)}};
  double report[2]{};
  child.read_exactly(report, sizeof report);
  return {report[0], report[1]};
}

double start_bare_process() {
  const auto begin = steady::now();
  own_child child{{"--bare-answer"}};
  char byte = 'x';
  if (::write(child.socket(), &byte, 1) != 1) {
    throw std::runtime_error("the bare program has gone");
  }
  child.read_exactly(&byte, 1);
  return seconds_since(begin);
}

bool run_as_bare_program(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "--bare-actors" && argc == 3) {
    spawn_and_report(std::stoull(argv[2]), own_child::number);
  } else if (mode == "--bare-answer") {
    answer_once(own_child::number);
  } else {
    return false;
  }
  return true;
}

} // namespace bench
