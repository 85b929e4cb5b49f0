#include "tests/bench/remote/broker_pair.hpp"

#include "tests/bench/support/bare_caf.hpp"
#include "tests/bench/support/own_child.hpp"

#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>

#include <chrono>
#include <cstring>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace bench {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t read_bytes = 64u << 10;
constexpr std::size_t batch_bytes = 64u << 10;

double seconds_since(steady::time_point begin) {
  return std::chrono::duration<double>(steady::now() - begin).count();
}

caf::behavior echo_end(caf::io::broker* self, int socket) {
  auto connection = self->add_scribe(socket);
  self->configure_read(connection, caf::io::receive_policy::at_most(read_bytes));
  return {[=](const caf::io::new_data_msg& data) {
            self->write(connection, data.buf.size(), data.buf.data());
            self->flush(connection);
          },
          [=](const caf::io::connection_closed_msg&) { self->quit(); }};
}

/// Takes `total` bytes and answers with the seconds it took from the first to the last.
caf::behavior counting_end(caf::io::broker* self, int socket, std::uint64_t total) {
  auto connection = self->add_scribe(socket);
  self->configure_read(connection, caf::io::receive_policy::at_most(read_bytes));
  auto seen = std::make_shared<std::uint64_t>(0);
  auto first = std::make_shared<steady::time_point>();
  return {[=](const caf::io::new_data_msg& data) {
            if (*seen == 0) {
              *first = steady::now();
            }
            *seen += data.buf.size();
            if (*seen == total) {
              const double took = seconds_since(*first);
              self->write(connection, sizeof took, &took);
              self->flush(connection);
            }
          },
          [=](const caf::io::connection_closed_msg&) { self->quit(); }};
}

struct asking {
  std::uint64_t to_send = 0;
  std::uint64_t to_come = 0;
  std::uint64_t rest = 0; ///< bytes of a piece that is not complete
  steady::time_point begin;
};

} // namespace

double broker_asks(std::uint64_t count, std::uint64_t in_flight, std::size_t size) {
  own_child peer{{"--broker-peer", "echo", "0"}};
  bare_caf_config config;
  caf::actor_system system{config};
  std::promise<double> done;
  system.middleman().spawn_broker([&](caf::io::broker* self) -> caf::behavior {
    auto connection = self->add_scribe(peer.take_socket());
    self->configure_read(connection, caf::io::receive_policy::at_most(read_bytes));
    auto state = std::make_shared<asking>(asking{count, count, 0, steady::now()});
    auto send = [=](std::uint64_t pieces) {
      const std::vector<char> piece(size, 'x');
      for (; pieces > 0 && state->to_send > 0; --pieces, --state->to_send) {
        self->write(connection, piece.size(), piece.data());
      }
      self->flush(connection);
    };
    send(in_flight);
    return {[=, &done](const caf::io::new_data_msg& data) {
      const auto bytes = state->rest + data.buf.size();
      const auto pieces = bytes / size;
      state->rest = bytes % size;
      state->to_come -= pieces;
      if (state->to_come == 0) {
        done.set_value(seconds_since(state->begin));
        self->quit();
      } else if (pieces > 0) {
        send(pieces);
      }
    }};
  });
  return static_cast<double>(count) / done.get_future().get();
}

double broker_sends(std::uint64_t count, std::size_t size) {
  own_child peer{{"--broker-peer", "count", std::to_string(count * size)}};
  bare_caf_config config;
  caf::actor_system system{config};
  std::promise<double> done;
  system.middleman().spawn_broker([&](caf::io::broker* self) -> caf::behavior {
    auto connection = self->add_scribe(peer.take_socket());
    self->configure_read(connection, caf::io::receive_policy::at_most(read_bytes));
    self->ack_writes(connection, true);
    auto left = std::make_shared<std::uint64_t>(count);
    auto send = [=] {
      const std::vector<char> piece(size, 'x');
      for (auto pieces = std::max<std::size_t>(1, batch_bytes / size); pieces > 0 && *left > 0; --pieces, --*left) {
        self->write(connection, piece.size(), piece.data());
      }
      self->flush(connection);
    };
    send();
    return {[=](const caf::io::data_transferred_msg& sent) {
              if (sent.remaining == 0 && *left > 0) {
                send();
              }
            },
            [=, &done](const caf::io::new_data_msg& data) {
              double seconds = 0;
              std::memcpy(&seconds, data.buf.data(), std::min(sizeof seconds, data.buf.size()));
              done.set_value(seconds);
              self->quit();
            }};
  });
  return static_cast<double>(count) / done.get_future().get();
}

bool run_as_broker_peer(int argc, char** argv) {
  if (argc != 4 || std::string(argv[1]) != "--broker-peer") {
    return false;
  }
  bare_caf_config config;
  caf::actor_system system{config};
  const bool echoes = std::string(argv[2]) == "echo";
  const std::uint64_t bytes = std::stoull(argv[3]);
  system.middleman().spawn_broker([=](caf::io::broker* self) {
    return echoes ? echo_end(self, own_child::number) : counting_end(self, own_child::number, bytes);
  });
  return true;
}

} // namespace bench
