#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/program_paths.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace system_test;

finished browse(const test_system& system, const std::string& scenario) {
  program_options options;
  options.argv = {"node", programs().sources + "/tests/system/browser/console_walk.mjs", scenario,
                  system.ready().at("login").get<std::string>()};
  options.environment = {{"HOME", system.folder().path()}};
  auto got = run_program(std::move(options), 90s);
  // A browser leaves helpers that nobody waits for.
  const auto is_helper = [](const process_entry& entry) { return entry.command.find("chrom") != std::string::npos; };
  EXPECT_TRUE(eventually(10s, [&] {
    reap_orphans("chrom");
    const auto left = processes_below_us();
    return std::none_of(left.begin(), left.end(), is_helper);
  }));
  return got;
}

TEST(AT5Console, FourClicksAndSendOfQuitEndTheSystem) {
  test_system system;
  const auto got = browse(system, "click_and_quit");
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.out << got.err;
  const auto state = system.daemon().wait_exit(8s);
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state) << got.out;
}

TEST(AT5Console, TheWalkThroughWorksInABrowser) {
  test_system system;
  const auto got = browse(system, "walk_through");
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.out << got.err;
  EXPECT_GE(system.printed().count("Hello, World!"), 2u) << system.report();
  const auto state = system.daemon().wait_exit(8s);
  EXPECT_EQ(state, (exit_state{false, 0})) << to_string(state) << got.out;
}

TEST(AT5Console, ATaskIsFedReadAndCancelledAndFoundInTheList) {
  test_system system;
  const auto got = browse(system, "tasks");
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.out << got.err;
}

TEST(AT5Console, AnEnvironmentIsMadeChangedAndDeleted) {
  system_options options;
  options.config = {{"venvs", {{"tool", "pip"}, {"offline", true}, {"python", "/usr/bin/python3"}, {"prepare_at_start", false}}}};
  test_system system(options);
  const auto got = browse(system, "venvs");
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.out << got.err;
}

TEST(AT5Console, NamesAreTextPagesLeadOnAndTheKeyboardIsEnough) {
  test_system system;
  json names{"<img src=x onerror=alert(1)>\"'&"};
  for (int i = 0; i < 10; ++i) {
    names.push_back("member_0" + std::to_string(i));
  }
  const auto made =
    system.ask(head_node, "create_actors",
               {{"class_desc", {{"requires_dist", "test_actors"}, {"class", "Echo"}}}, {"names", names}});
  ASSERT_EQ(made.command, "actors_are_created") << made;
  const auto got = browse(system, "browse");
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.out << got.err;
}

TEST(AT5Console, TheLoginAddressWorksOnceAndLookingAtItDoesNotUseItUp) {
  test_system system;
  const auto login = system.ready().at("login").get<std::string>();
  const auto path = login.substr(login.find('/', 8));
  http_call look;
  look.target = path;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(http_request(system.gateway(), look).status, 200);
  }
  http_call use;
  use.method = "POST";
  use.target = "/login";
  use.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                 {"Origin", "http://" + system.gateway().authority()}};
  use.body = path.substr(path.find('?') + 1);
  const auto first = http_request(system.gateway(), use);
  EXPECT_TRUE(first.status == 303 || first.status == 302 || first.status == 200) << first.status << first.body;
  const auto cookie = first.header("Set-Cookie");
  EXPECT_NE(cookie.find("HttpOnly"), std::string::npos) << cookie;
  EXPECT_NE(cookie.find("SameSite=Strict"), std::string::npos) << cookie;
  const auto second = http_request(system.gateway(), use);
  EXPECT_GE(second.status, 400) << second.body;
  http_call page;
  page.headers = {{"Cookie", cookie.substr(0, cookie.find(';'))}};
  EXPECT_EQ(http_request(system.gateway(), page).status, 200);
}

} // namespace
