// The walk-through of peacepie's README, its tables word for word, through the web socket that the console's form uses.

#include "tests/system/harness/form.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

namespace {

using namespace system_test;

json created(const std::string& node, const json& entity) {
  return {{"system", "king"}, {"node", node}, {"entity", entity}};
}

/// The number in the last pair of round brackets of an IteratingHelloWorld's line.
int index_of(const std::string& line) {
  std::smatch found;
  return std::regex_search(line, found, std::regex(R"(Hello, World! \((\d+)\))")) ? std::stoi(found[1]) : -1;
}

/// The names of the dancers in the order in which they printed, from line `from` on.
std::vector<std::string> dancers_in(const line_log& printed, std::size_t from) {
  static const std::regex dancer(R"(\b(dancer_(?:\d\d|x))\b)");
  std::vector<std::string> out;
  const auto lines = printed.lines();
  for (std::size_t i = from; i < lines.size(); ++i) {
    std::smatch found;
    if (std::regex_search(lines[i], found, dancer)) {
      out.push_back(found[1]);
    }
  }
  return out;
}

/// Does the token go round in exactly this circle? Looks at the last two rounds.
bool ends_with_circle(const std::vector<std::string>& seen, const std::vector<std::string>& circle) {
  if (seen.size() < 2 * circle.size()) {
    return false;
  }
  const std::vector<std::string> last(seen.end() - static_cast<long>(2 * circle.size()), seen.end());
  const auto first = std::find(circle.begin(), circle.end(), last.front());
  for (std::size_t i = 0, at = static_cast<std::size_t>(first - circle.begin()); i < last.size(); ++i, ++at) {
    if (last[i] != circle[at % circle.size()]) {
      return false;
    }
  }
  return true;
}

TEST(AT8Walkthrough, HelloWorldIsCreatedTickedAndRemoved) {
  test_system system;
  form console(system);

  auto got = console.ask(
    "first.main.admin", "create_actor",
    R"({"class_desc": {"requires_dist": "peacepie_example", "class": "HelloWorld"}, "name": "hello_world"})");
  ASSERT_EQ(got.command, "actor_is_created") << got;
  EXPECT_EQ(got.body, created("first.main.admin", "hello_world"));

  got = console.ask("hello_world", "tick");
  EXPECT_EQ(got.command, "hello_world") << got;
  EXPECT_TRUE(got.body.is_null()) << got;
  const auto line = system.printed().wait_for("Hello, World!", 2s);
  ASSERT_TRUE(line) << system.report();
  EXPECT_NE(line->find("first.main.admin"), std::string::npos) << *line;

  EXPECT_EQ(console.send("hello_world", "tick"), "The message is sent");
  EXPECT_TRUE(eventually(2s, [&] { return system.printed().count("Hello, World!") == 2; }));

  got = console.ask("hello_world", "no_such_command");
  EXPECT_EQ(got.command, "is_not_handled") << got;

  got = console.ask("first.main.admin", "remove_actor", R"({"name": "hello_world"})");
  EXPECT_EQ(got.command, "actor_is_removed") << got;
  EXPECT_EQ(got.body, json({{"name", "hello_world"}}));
  got = console.ask("hello_world", "tick");
  EXPECT_EQ(got.command, "actor_is_not_found") << got;
}

/// The greetings' indices in the order in which they were printed, with the node that each line names.
std::vector<std::pair<int, std::string>> greetings(const line_log& printed) {
  std::vector<std::pair<int, std::string>> out;
  for (const auto& line : printed.lines()) {
    std::smatch found;
    if (std::regex_search(line, found, std::regex(R"(iterating_hello_world (\S+) "Hello, World! \((\d+)\)\")"))) {
      out.emplace_back(std::stoi(found[2]), found[1]);
    }
  }
  return out;
}

void drive_iterating_hello_world(const std::filesystem::path& state_dir) {
  system_options options;
  options.state_dir = state_dir;
  test_system system(options);
  form console(system);

  auto got = console.ask("first.main.admin", "create_actor",
                         R"({"class_desc": {"requires_dist": "peacepie_example", "class": "IteratingHelloWorld"},)"
                         R"( "name": "iterating_hello_world"})");
  ASSERT_EQ(got.command, "actor_is_created") << got;

  got = console.ask("iterating_hello_world", "set_params",
                    R"({"params": [{"name": "period", "value": 2}, {"name": "limit", "value": null}]})");
  EXPECT_EQ(got.command, "params_are_set") << got;
  got = console.ask("iterating_hello_world", "set_params", R"({"params": [{"name": "period", "value": 0.1}]})");
  EXPECT_EQ(got.command, "params_are_set") << got;

  EXPECT_EQ(console.ask("iterating_hello_world", "tick_start").command, "tick_started");
  EXPECT_EQ(console.ask("iterating_hello_world", "tick_start").command, "tick_already_started");
  for (int wanted = 0; wanted < 4; ++wanted) {
    const auto line = system.printed().wait_for("Hello, World! (" + std::to_string(wanted) + ")", 3s);
    ASSERT_TRUE(line) << "greeting " << wanted << " did not come; " << system.report();
    EXPECT_NE(line->find("iterating_hello_world"), std::string::npos) << *line;
  }

  got = console.ask("first.main.admin", "create_process");
  ASSERT_EQ(got.command, "actor_is_created") << got;
  EXPECT_EQ(got.body, created("first.process_0.admin", nullptr));
  EXPECT_EQ(got.message.at("mid").get<std::string>().rfind("king.first.process_0.", 0), 0u)
    << "the answer comes from the new process: " << got;

  got = console.ask("first.main.admin", "recreate_actor",
                    R"({"node": "first.process_0.admin", "entity": "iterating_hello_world"})");
  ASSERT_EQ(got.command, "actor_is_recreated") << got;
  EXPECT_EQ(got.body.value("node", ""), "first.process_0.admin") << got;

  // The greetings go on in the other process with the next number, as many as there are, each once.
  EXPECT_TRUE(eventually(5s, [&] { return system.printed().count("first.process_0.admin \"Hello, World! (") >= 4; }))
    << system.report();
  const auto all = greetings(system.printed());
  bool has_moved = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].first, static_cast<int>(i)) << "no greeting is missing or comes twice";
    has_moved = has_moved || all[i].second == "first.process_0.admin";
    EXPECT_EQ(all[i].second, has_moved ? "first.process_0.admin" : "first.main.admin") << i;
  }
  EXPECT_TRUE(has_moved);

  EXPECT_EQ(console.ask("iterating_hello_world", "tick_stop").command, "tick_stopped");
  EXPECT_EQ(console.ask("iterating_hello_world", "tick_stop").command, "tick_already_stopped");
  const auto after_stop = system.printed().size();

  got = console.ask("first.process_0.admin", "remove_actor", R"({"name": "iterating_hello_world"})");
  EXPECT_EQ(got.command, "actor_is_removed") << got;
  EXPECT_EQ(system.printed().count("Hello, World!", after_stop), 0u);
  EXPECT_EQ(console.ask("iterating_hello_world", "tick").command, "actor_is_not_found");

  EXPECT_EQ(console.ask("first.main.admin", "quit").command, "is_quiting");
  const auto state = system.daemon().wait_exit(10s);
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state);
}

TEST(AT8Walkthrough, IteratingHelloWorldIsMovedAndGoesOnTwiceOnOneStateFolder) {
  temp_folder kept;
  for (int round = 0; round < 2 && !testing::Test::HasFatalFailure(); ++round) {
    drive_iterating_hello_world(kept.path() / "state");
  }
}

TEST(AT8Walkthrough, ALimitEndsTheGreetingsByItself) {
  test_system system;
  system.create_actor(head_node, "three", "IteratingHelloWorld", "peacepie_example");
  system.set_params("three", {{"period", 0.02}, {"limit", 3}});
  ASSERT_EQ(system.ask("three", "tick_start").command, "tick_started");
  const auto last = system.printed().wait_for("Hello, World! (2)", 3s);
  ASSERT_TRUE(last) << system.report();
  EXPECT_EQ(index_of(*last), 2);
  // When it has stopped by itself, it can be started again.
  EXPECT_TRUE(eventually(2s, [&] { return system.ask("three", "tick_stop").is("tick_already_stopped"); }));
  EXPECT_EQ(system.printed().count("Hello, World! (3)"), 0u);
}

TEST(AT8Walkthrough, TheCircleOfDancersGrowsToSeven) {
  test_system system;
  form console(system);

  auto got = console.ask(
    "first.main.admin", "create_actor",
    R"({"class_desc": {"requires_dist": "peacepie_example", "class": "CircleStarter"}, "name": "circle_starter"})");
  ASSERT_EQ(got.command, "actor_is_created") << got;
  got = console.ask("circle_starter", "set_params",
                    R"({"params": [{"name": "process_count", "value": 3}, {"name": "dancers_per_process", "value": 2},)"
                    R"( {"name": "period", "value": 0.05}]})");
  ASSERT_EQ(got.command, "params_are_set") << got;
  got = console.ask("circle_starter", "begin");
  ASSERT_EQ(got.command, "begun") << got;

  const std::vector<std::string> six{"dancer_00", "dancer_01", "dancer_02", "dancer_03", "dancer_04", "dancer_05"};
  EXPECT_TRUE(eventually(10s, [&] { return ends_with_circle(dancers_in(system.printed(), 0), six); }))
    << system.report();
  for (const auto* place :
       {"dancer_00 first.main.admin", "dancer_02 first.process_0.admin", "dancer_05 first.process_1.admin"}) {
    EXPECT_GT(system.printed().count(place), 0u) << place << "; " << system.report();
  }

  got = console.ask("first.main.admin", "create_process");
  ASSERT_EQ(got.command, "actor_is_created") << got;
  EXPECT_EQ(got.body.at("node"), "first.process_2.admin");
  got = console.ask(
    "first.process_2.admin", "create_actor",
    R"({"class_desc": {"requires_dist": "peacepie_example", "class": "CircleDancer"}, "name": "dancer_x"})");
  ASSERT_EQ(got.command, "actor_is_created") << got;
  EXPECT_EQ(got.body, created("first.process_2.admin", "dancer_x"));
  got = console.ask("dancer_x", "set_params",
                    R"({"params": [{"name": "consumer", "value": "dancer_00"}, {"name": "period", "value": 0.1}]})");
  EXPECT_EQ(got.command, "params_are_set") << got;
  got = console.ask("dancer_05", "set_params", R"({"params": [{"name": "consumer", "value": "dancer_x"}]})");
  EXPECT_EQ(got.command, "params_are_set") << got;

  auto seven = six;
  seven.push_back("dancer_x");
  const auto from = system.printed().size();
  EXPECT_TRUE(eventually(10s, [&] { return ends_with_circle(dancers_in(system.printed(), from), seven); }))
    << system.report();

  EXPECT_EQ(console.ask("first.main.admin", "quit").command, "is_quiting");
  const auto state = system.daemon().wait_exit(10s);
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state);
}

TEST(AT8Walkthrough, ProcessNumbersBeginAtZeroAfterAnOrderlyEnd) {
  temp_folder kept;
  for (int round = 0; round < 2; ++round) {
    system_options options;
    options.state_dir = kept.path() / "state";
    test_system system(options);
    EXPECT_EQ(system.create_process(), "first.process_0.admin") << "round " << round;
    EXPECT_EQ(system.create_process(), "first.process_1.admin") << "round " << round;
  }
}

} // namespace
