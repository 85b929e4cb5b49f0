#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/program_paths.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace system_test;
namespace fs = std::filesystem;

/// A start that must be refused: exit code 2 within two seconds and one line that says what to do.
void expect_refused(const fs::path& config, const fs::path& state_dir, const std::vector<std::string>& wanted_words) {
  const auto got = run_program({daemon_command(config, state_dir), {}, {}}, 5s);
  EXPECT_EQ(got.state, (exit_state{false, 2})) << to_string(got.state) << "\n" << got.out << got.err;
  EXPECT_LT(got.took, scaled(2000ms));
  EXPECT_EQ(std::count(got.err.begin(), got.err.end(), '\n'), 1) << got.err;
  EXPECT_EQ(got.out, "");
  for (const auto& word : wanted_words) {
    EXPECT_NE(got.err.find(word), std::string::npos) << "`" << word << "` is not in: " << got.err;
  }
}

/// The paths of the unix sockets that a process listens on.
std::vector<std::string> open_sockets_of(pid_t pid) {
  std::set<std::string> inodes;
  for (const auto& target : open_descriptors(pid)) {
    if (target.rfind("socket:[", 0) == 0) {
      inodes.insert(target.substr(8, target.size() - 9));
    }
  }
  std::vector<std::string> out;
  std::ifstream table("/proc/net/unix");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string word;
    std::vector<std::string> columns;
    while (words >> word) {
      columns.push_back(word);
    }
    if (columns.size() == 8 && inodes.count(columns[6]) != 0 && columns[7][0] == '/') {
      out.push_back(columns[7]);
    }
  }
  return out;
}

TEST(Startup, AnUnknownKeyIsRefusedWithASuggestionAndItsLine) {
  temp_folder folder;
  const auto config = folder.write("system.json", "{\n  \"gateway\": {\n    \"prot\": 0\n  }\n}\n");
  expect_refused(config, folder.path() / "state", {"prot", "port", "system.json", "3"});
}

TEST(Startup, AWrongTypeIsRefusedWithItsPlace) {
  temp_folder folder;
  const auto config = folder.write("system.json", "{\n  \"gateway\": {\"port\": \"ninety\"}\n}\n");
  expect_refused(config, folder.path() / "state", {"gateway.port", "system.json", "2"});
}

TEST(Startup, TextThatIsNoJsonIsRefusedWithItsPlace) {
  temp_folder folder;
  const auto config = folder.write("system.json", "{\n  \"gateway\": {\"port\": 0,,}\n}\n");
  expect_refused(config, folder.path() / "state", {"system.json", "2"});
}

TEST(Startup, AMissingConfigFileIsRefused) {
  temp_folder folder;
  expect_refused(folder.path() / "not_there.json", folder.path() / "state", {"not_there.json"});
}

TEST(Startup, ABusyPortIsRefused) {
  temp_folder folder;
  test_system first;
  const auto config = folder.write("system.json", make_config({{"gateway", {{"port", first.gateway().port}}}}).dump());
  expect_refused(config, folder.path() / "state", {std::to_string(first.gateway().port)});
  EXPECT_EQ(first.ask(head_node, "get_all_nodes").command, "all_nodes");
}

TEST(Startup, AFolderThatCannotBeWrittenIsRefused) {
  temp_folder folder;
  // Permissions do not stop root; a file where a folder must be stops everybody.
  const auto blocker = folder.write("occupied", "a file");
  const auto config = folder.write("system.json", make_config().dump());
  expect_refused(config, blocker / "state", {"occupied"});
  if (geteuid() != 0) {
    fs::create_directories(folder.path() / "locked");
    fs::permissions(folder.path() / "locked", fs::perms::owner_read | fs::perms::owner_exec);
    expect_refused(config, folder.path() / "locked" / "state", {"locked"});
  }
}

TEST(Startup, ASecondDaemonOnOneStateFolderIsRefused) {
  test_system first;
  const auto config = first.folder().write("second.json", make_config().dump());
  expect_refused(config, first.state_dir(), {first.state_dir().string()});
  EXPECT_EQ(first.ask(head_node, "get_all_nodes").command, "all_nodes") << "the first one works on";
  const json ready = json::parse(read_text(first.state_dir() / "ready.json"));
  EXPECT_EQ(ready.at("pid"), first.daemon().pid()) << "and is still the one that clients find";
}

TEST(Startup, UnknownArgumentsAreRefused) {
  const auto got = run_program({{programs().trouped, "--no-such-flag"}, {}, {}}, 5s);
  EXPECT_EQ(got.state, (exit_state{false, 2})) << to_string(got.state) << got.err;
}

TEST(Startup, TwoSystemsLiveSideBySide) {
  test_system first;
  test_system second;
  EXPECT_EQ(first.create_process(), "first.process_0.admin");
  EXPECT_EQ(second.create_process(), "first.process_0.admin");
  first.create_actor(head_node, "same_name", "Counter");
  second.create_actor("first.process_0.admin", "same_name", "Counter");
  first.ask("same_name", "add", {{"n", 5}});
  EXPECT_EQ(first.ask("same_name", "get").body.at("value"), 5);
  EXPECT_EQ(second.ask("same_name", "get").body.at("value"), 0);
  EXPECT_EQ(first.quit(), (exit_state{false, 0}));
  EXPECT_EQ(second.ask("same_name", "add").body.at("value"), 1) << "the end of one is nothing to the other";
}

TEST(Startup, AStateFolderWithAVeryLongPathWorks) {
  temp_folder kept;
  system_options options;
  options.state_dir = kept.path() / std::string(100, 'a') / std::string(100, 'b') / "state";
  std::set<std::string> folders;
  {
    test_system system(options);
    const auto node = system.create_process();
    system.create_actor(node, "far_down", "Echo");
    EXPECT_EQ(system.ask("far_down", "who").body.at("node"), node);
    for (const auto& name : open_sockets_of(system.pid_of(node))) {
      folders.insert(fs::path(name).parent_path());
    }
  }
  EXPECT_FALSE(folders.empty());
  for (const auto& folder : folders) {
    EXPECT_FALSE(fs::exists(folder)) << "the short folder of the sockets is left: " << folder;
  }
}

TEST(Startup, TheTokenAndTheSocketsAreForTheOwnerOnly) {
  test_system system;
  struct stat about {};
  ASSERT_EQ(stat(system.ready().at("token_file").get<std::string>().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777u, 0600u);
  EXPECT_GE(system.token().size(), 22u) << "at least 128 bits";
  for (const auto& [header, status] :
       std::vector<std::pair<std::string, int>>{{"", 401}, {"Bearer wrong", 401}, {"Bearer " + system.token(), 200}}) {
    auto call = system.call("GET", "/api/v1/status");
    call.headers.erase("Authorization");
    if (!header.empty()) {
      call.headers["Authorization"] = header;
    }
    EXPECT_EQ(http_request(system.gateway(), call).status, status) << header;
  }
}

TEST(Startup, TheSystemIsReadyQuickly) {
  const auto begin = clock::now();
  test_system system;
  EXPECT_LT(since(begin), scaled(2000ms));
  EXPECT_EQ(system.http("GET", "/healthz").status, 200);
  EXPECT_EQ(system.http("GET", "/readyz").status, 200);
}

} // namespace
