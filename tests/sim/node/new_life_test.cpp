// A node that comes again as another process before the end of its last one was seen.
#include "tests/sim/node/probe.hpp"

using namespace troupe;

namespace {

class NewLife : public testing::Test {
protected:
  static constexpr auto daemon_name = "first.main.daemon";
  static constexpr auto node_name = "first.process_0.admin";

  /// Another process that calls itself the daemon.
  struct another_daemon {
    another_daemon(sim_world& world, std::uint32_t incarnation) : transport(world.network()) {
      node_options options;
      options.node = daemon_name;
      options.incarnation = incarnation;
      options.run_folder = "run";
      node = std::make_unique<local_node>(options, turns, turns, transport);
      node->install(std::string{directory_entity}, std::string{directory_entity}, make_directory_class(books));
    }
    ~another_daemon() {
      node->stop();
      turns.stop();
    }
    fake_link_transport transport;
    thread_executor turns;
    fake_head_store store;
    head_books books{9, store};
    std::unique_ptr<local_node> node;
  };

  std::shared_ptr<probe_world> seen = std::make_shared<probe_world>();
  std::shared_ptr<const class_info> probes = make_probe_class(seen);
  sim_world world;
};

} // namespace

TEST_F(NewLife, TheLaterDaemonGetsTheLinkAndWhatWaitedAtTheEarlierOneFails) {
  world.node(0).install("troupe.probe", "troupe.probe", probes);
  ASSERT_TRUE(world.create(2, {"asker"}, probes));
  message_ptr answer;
  world.node(2).ask(request{address{daemon_name, "troupe.probe"}, "keep", nullptr, seconds{30}, {}, {}},
                    [&](message_ptr got) { answer = std::move(got); });
  ASSERT_FALSE(world.until([&] { return answer != nullptr; }, seconds{0.1}));

  another_daemon later{world, 7};
  ASSERT_TRUE(later.node->peers().call(node_name));
  ASSERT_TRUE(world.until([&] { return answer != nullptr; }));
  EXPECT_EQ(answer->command(), "actor_has_failed");
  EXPECT_TRUE(world.until([&] { return later.node->peers().last_received(node_name).has_value(); }));

  ASSERT_TRUE(world.create(2, {"made_later"}, probes));
  EXPECT_EQ(later.books.actors.names().find("made_later")->node, node_name) << "the directory is the later daemon's";
  EXPECT_FALSE(world.names().find("made_later"));
}

TEST_F(NewLife, AnEarlierDaemonIsRefused) {
  ASSERT_TRUE(world.create(2, {"here"}, probes));
  another_daemon earlier{world, 0};
  ASSERT_TRUE(earlier.node->peers().call(node_name));
  world.network().run();
  EXPECT_FALSE(earlier.node->peers().last_received(node_name));
  ASSERT_TRUE(world.create(2, {"still"}, probes));
  EXPECT_EQ(world.names().find("still")->node, node_name);
}

TEST_F(NewLife, ACensusGivesWhatIsReservedInPages) {
  std::vector<std::string> names;
  for (int i = 0; i < 25; ++i) {
    names.push_back("actor_" + std::to_string(100 + i));
  }
  ASSERT_TRUE(world.create(2, names, probes));
  std::vector<std::string> told;
  std::string from;
  int pages = 0;
  for (; pages < 10; ++pages) {
    const auto page = world.node(2).census(from, 10);
    for (const auto& one : page["actors"]) {
      told.push_back(one["name"]);
      EXPECT_EQ(epoch::from_json(one["epoch"]), world.names().find(told.back())->since);
      EXPECT_EQ(one["class_desc"]["requires_dist"], "test");
    }
    if (page["next"].is_null()) {
      break;
    }
    from = page["next"].get<std::string>();
  }
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(told, names);
}
