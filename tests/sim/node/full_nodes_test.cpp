// Two nodes whose mailboxes and links are full, on real threads.
#include "tests/sim/node/probe.hpp"

using namespace troupe;

TEST(FullNodes, NeverLockEachOther) {
  constexpr int rounds = 2000;
  auto seen = std::make_shared<probe_world>();
  auto probes = make_probe_class(seen);
  link_options narrow;
  narrow.max_queue_bytes = 2000;
  sim_world world{3, sim_world::turns::threads, [](node_options& options) { options.mailbox_limit = 5; }, narrow};
  ASSERT_TRUE(world.create(1, {"left"}, probes));
  ASSERT_TRUE(world.create(2, {"right"}, probes));
  ASSERT_EQ(world.ask(1, "right", "echo")->command(), "echoed");
  ASSERT_EQ(world.ask(2, "left", "echo")->command(), "echoed");
  std::atomic<int> answered{0};
  std::atomic<int> refused{0};
  auto flood = [&](std::size_t from, const std::string& near, const std::string& far) {
    json on = json::object();
    on["to"] = far;
    on["command"] = "echo";
    for (int i = 0; i < rounds; ++i) {
      // Every second question makes an actor of this node ask the other node in its handler.
      const bool indirect = i % 2 == 0;
      request what{indirect ? near : far, indirect ? "ask" : "echo", indirect ? on : json(i), seconds{60}, {}, {}};
      world.node(from).ask(std::move(what), [&](const message_ptr& answer) {
        refused += answer->is("mailbox_full") ? 1 : 0;
        ++answered;
      });
    }
  };
  {
    std::jthread left([&] { flood(1, "left", "right"); });
    std::jthread right([&] { flood(2, "right", "left"); });
    EXPECT_TRUE(world.until([&] { return answered == 2 * rounds; }, seconds{50})) << answered << " of " << 2 * rounds;
  }
  EXPECT_GT(refused, 0) << "nothing was ever full: the test proves nothing";
  EXPECT_EQ(world.node(1).metrics()["asks_waiting"], 0);
  EXPECT_EQ(world.ask(1, "right", "echo")->command(), "echoed");
  EXPECT_EQ(world.ask(2, "left", "echo")->command(), "echoed");
}
