// Asks and sends between two actors of one process, by name and with a JSON body, beside a bare CAF program that sends
// the same struct between handles. Counted at the receiver (sends) and at the asker (asks).
#include "tests/bench/actors/asker.hpp"
#include "tests/bench/actors/receivers.hpp"
#include "tests/bench/actors/sender.hpp"
#include "tests/bench/local/bare_local.hpp"
#include "tests/bench/local/one_node.hpp"
#include "tests/bench/support/bench_line.hpp"

#include <cstdio>
#include <exception>
#include <future>
#include <stdexcept>

namespace {

using namespace bench;
using troupe::json;

constexpr int rounds = 7;
constexpr std::uint64_t asks = 100'000;
constexpr std::uint64_t sends = 1'000'000;
constexpr std::uint64_t window = 20'000;
constexpr std::uint64_t grain = 2'000;

double rate_of(const troupe::message& answer, std::string_view expected) {
  if (!answer.is(expected) || answer.body().value("wrong", 0) != 0) {
    throw std::runtime_error(answer.to_json().dump());
  }
  return answer.body().at("count").get<double>() / answer.body().at("seconds").get<double>();
}

double node_asks(std::uint64_t count, std::uint64_t in_flight, const json& body) {
  one_node node;
  node.create("echo", troupe::describe_class<bench_actors::echo>("Echo"));
  node.create("asker", troupe::describe_class<bench_actors::asker>("Asker"));
  json what{{"to", "echo"}, {"count", count}, {"in_flight", in_flight}, {"body", body}};
  return rate_of(*node.ask("asker", in_flight == 1 ? "ask_in_turn" : "ask_many", std::move(what)), "asked");
}

double node_sends(std::uint64_t count, const json& body) {
  one_node node;
  node.create("counter", troupe::describe_class<bench_actors::counter>("Counter"));
  node.create("sender", troupe::describe_class<bench_actors::sender>("Sender"));
  json pour{{"to", "counter"}, {"count", count}, {"window", window}, {"body", body}};
  json wait{{"expected", count}, {"grain", grain}, {"source", "sender"}};
  // The counter must be ready before the first message; its answer comes after the last.
  std::promise<troupe::message_ptr> counted;
  node.ask_later("counter", "count", std::move(wait),
                 [&](troupe::message_ptr answer) { counted.set_value(std::move(answer)); });
  (void)node.ask("sender", "pour", std::move(pour));
  return rate_of(*counted.get_future().get(), "counted");
}

void run() {
  const json body{{"value", 42}, {"text", "hello"}};
  if (is_wanted("local_ask")) {
    const auto both = measure_in_turn(
      rounds, [&] { return node_asks(asks, 1, body); }, [&] { return bare_asks(asks, 1, body); });
    print_line("local_ask", both.value, "asks/s", "bare CAF request, same struct", both.baseline);
  }
  if (is_wanted("local_ask_100")) {
    const auto both = measure_in_turn(
      rounds, [&] { return node_asks(asks * 3, 100, body); }, [&] { return bare_asks(asks * 3, 100, body); });
    print_line("local_ask_100", both.value, "asks/s", "bare CAF request, same struct", both.baseline);
  }
  if (is_wanted("local_send")) {
    const auto both = measure_in_turn(
      rounds, [&] { return node_sends(sends, body); }, [&] { return bare_sends(sends, window, grain, body); });
    print_line("local_send", both.value, "messages/s", "bare CAF send, same struct", both.baseline);
  }
}

} // namespace

int main(int argc, char** argv) {
  set_wanted(argc, argv);
  try {
    run();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "local_bench: %s\n", problem.what());
    return 1;
  }
}
