#include "tests/unit/config/config_files.hpp"

namespace troupe {
namespace {

namespace fs = std::filesystem;

TEST_F(ConfigTest, NothingGivenIsTheDefaultSystem) {
  const auto all = load();
  EXPECT_EQ(all.system, "king");
  EXPECT_EQ(all.main_node(), "first.main.admin");
  EXPECT_EQ(all.gateway.port, 9090);
  EXPECT_EQ(all.state_dir, "/home/ada/.local/state/troupe");
  EXPECT_EQ(all.folders.run, "/home/ada/.local/state/troupe/run");
  EXPECT_EQ(all.folders.packages.front(), "/opt/troupe/packages");
  EXPECT_EQ(all.origins.at("gateway.port"), "default");
}

TEST_F(ConfigTest, FileThenEnvironmentThenFlagWinsAndOriginsSayWhich) {
  given_file("{\n  // the door\n  \"gateway\": {\n    \"port\": 1001, \"page_size\": 7\n  },\n  \"host\": \"h\"\n}\n");
  request_.environment["TROUPE_GATEWAY_PORT"] = "1002";
  request_.environment["TROUPE_HOST"] = "from_environment";
  request_.flags = {"gateway.port=1003"};
  const auto all = load();
  EXPECT_EQ(all.gateway.port, 1003);
  EXPECT_EQ(all.gateway.page_size, 7U);
  EXPECT_EQ(all.host, "from_environment");
  EXPECT_EQ(all.origins.at("gateway.port"), "--set gateway.port");
  EXPECT_EQ(all.origins.at("host"), "environment TROUPE_HOST");
  EXPECT_EQ(all.origins.at("gateway.page_size"), (folder_ / "system.json:4").string());
  EXPECT_EQ(all.origins.at("system"), "default");
}

TEST_F(ConfigTest, ALaterFileWinsKeyByKey) {
  request_.files = {write("a.json", R"({"system": "a", "gateway": {"port": 1}})"),
                    write("b.json", R"({"gateway": {"page_size": 2}, "system": "b"})")};
  const auto all = load();
  EXPECT_EQ(all.system, "b");
  EXPECT_EQ(all.gateway.port, 1);
  EXPECT_EQ(all.gateway.page_size, 2U);
}

TEST_F(ConfigTest, EnvironmentNamesOfTheHypervisorKeepWorking) {
  request_.environment.insert({{"DEFAULT_TASK_TIMEOUT_SEC", "-1"},
                               {"DEFAULT_TASK_MAX_MEMORY_MB", "512"},
                               {"USE_VENV", "False"},
                               {"DEFAULT_VENV_NAME", "common"},
                               {"DEFAULT_VENV_CLEAR_START", "False"},
                               {"VENVS_DIR", "/volume/venvs"},
                               {"VENV_CREATION_TIMEOUT", "30"},
                               {"VENV_WAIT_INTERVAL", "0.5"},
                               {"RESOURCE_SERVER_LOCAL_PORT", "18000"}});
  const auto all = load();
  EXPECT_EQ(all.tasks.timeout_s, -1);
  EXPECT_EQ(all.tasks.memory_mb, 512U);
  EXPECT_FALSE(all.venvs.use);
  EXPECT_EQ(all.venvs.default_name, "common");
  EXPECT_FALSE(all.venvs.clear_at_start);
  EXPECT_EQ(all.folders.venvs, "/volume/venvs");
  EXPECT_EQ(all.venvs.creation_timeout_s, 30);
  EXPECT_EQ(all.venvs.wait_interval_s, 0.5);
  EXPECT_EQ(all.bridge.port, 18000);
  EXPECT_EQ(all.origins.at("tasks.timeout_s"), "environment DEFAULT_TASK_TIMEOUT_SEC");
}

TEST_F(ConfigTest, OurEnvironmentNameWinsOverTheHypervisorsAndEmptyMeansNotSet) {
  request_.environment.insert({{"DEFAULT_TASK_TIMEOUT_SEC", "10"}, {"TROUPE_TASKS_TIMEOUT_S", "20"}, {"USE_VENV", ""}});
  const auto all = load();
  EXPECT_EQ(all.tasks.timeout_s, 20);
  EXPECT_TRUE(all.venvs.use);
}

TEST_F(ConfigTest, RelativePathsMeanTheFolderOfTheirSource) {
  given_file(R"({"state_dir": "state", "folders": {"packages": ["../p", "${config_dir}/q", "/abs"]}})");
  request_.environment["TROUPE_FOLDERS_SCRIPTS"] = "scripts";
  const auto all = load();
  EXPECT_EQ(all.state_dir, folder_ / "state");
  EXPECT_EQ(all.folders.packages, (std::vector<fs::path>{folder_.parent_path() / "p", folder_ / "q", "/abs"}));
  EXPECT_EQ(all.folders.log, folder_ / "state" / "log");
  EXPECT_EQ(all.folders.scripts, "/somewhere/scripts");
}

TEST_F(ConfigTest, AListInTheEnvironmentIsSplitAtColons) {
  request_.environment["TROUPE_FOLDERS_PACKAGES"] = "/a:/b";
  EXPECT_EQ(load().folders.packages, (std::vector<fs::path>{"/a", "/b"}));
}

TEST_F(ConfigTest, ProcessesActorsAndStartMessagesAreRead) {
  given_file(R"({
    "processes": [{}, {"name": "workers", "restart": "temporary"}],
    "process_restarts": {"most": 2, "window_s": 3.5},
    "actors": [{"name": "a", "node": "first.workers.admin", "params": {"period": 2},
                "class_desc": {"requires_dist": "p >=1", "class": "C"}, "start": true}],
    "start": [{"command": "go", "recipient": "a"}, {"type": "send", "command": "x", "body": [1], "timeout": 2.5}]
  })");
  const auto all = load();
  ASSERT_EQ(all.processes.size(), 2U);
  EXPECT_FALSE(all.processes[0].name);
  EXPECT_EQ(all.processes[1].name, "workers");
  EXPECT_TRUE(all.processes[0].permanent);
  EXPECT_FALSE(all.processes[1].permanent);
  EXPECT_EQ(all.process_restarts.most, 2U);
  EXPECT_EQ(all.process_restarts.window_s, 3.5);
  EXPECT_EQ(all.process_restarts.backoff_s, 0.1);
  ASSERT_EQ(all.actors.size(), 1U);
  EXPECT_EQ(all.actors[0].node, "first.workers.admin");
  EXPECT_EQ(all.actors[0].class_desc["class"], "C");
  EXPECT_EQ(all.actors[0].params["period"], 2);
  EXPECT_TRUE(all.actors[0].start);
  ASSERT_EQ(all.start.size(), 2U);
  EXPECT_EQ(all.start[0].type, start_message::kind::ask);
  EXPECT_EQ(all.start[0].recipient, "a");
  EXPECT_EQ(all.start[1].type, start_message::kind::send);
  EXPECT_TRUE(all.start[1].recipient.is_null());
  EXPECT_EQ(all.start[1].timeout_s, 2.5);
}

TEST_F(ConfigTest, WhatWasLoadedReadsBackTheSame) {
  given_file(R"({"state_dir": "/s", "actors": [{"name": "a", "class_desc": {"requires_dist": "p", "class": "C"}}],
                "start": [{"command": "go"}]})");
  const auto first = settings_to_json(load());
  request_.files = {write("again.json", first.dump())};
  EXPECT_EQ(settings_to_json(load()), first);
}

TEST_F(ConfigTest, ListedSettingsShowKeyValueAndOrigin) {
  request_.flags = {"gateway.port=0"};
  for (const auto& line : list_settings(load())) {
    if (line.key == "gateway.port") {
      EXPECT_EQ(line.value, 0);
      EXPECT_EQ(line.origin, "--set gateway.port");
      return;
    }
  }
  FAIL() << "gateway.port is not listed";
}

TEST_F(ConfigTest, AMisspeltEnvironmentNameIsWarnedAbout) {
  request_.environment["TROUPE_GATEWAY_PROT"] = "1";
  request_.environment["TROUPE_SOMETHING_ELSE"] = "1";
  EXPECT_EQ(load().warnings,
            std::vector<std::string>{"environment TROUPE_GATEWAY_PROT is not read; did you mean TROUPE_GATEWAY_PORT?"});
}

TEST(LoadRequest, OfThisProcessKnowsProgramFolderAndEnvironment) {
  const auto request = load_request_of_this_process();
  EXPECT_TRUE(fs::exists(request.program_dir / "config_tests"));
  EXPECT_EQ(request.current_dir, fs::current_path());
  EXPECT_TRUE(request.environment.contains("PATH"));
}

} // namespace
} // namespace troupe
