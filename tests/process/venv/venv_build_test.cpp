#include "tests/process/venv/venv_fixture.hpp"

#include <runtime/venv/venv_lock.hpp>

#include <algorithm>

namespace troupe {
namespace {

/// Everything both tools do, with packages from a local folder.
class VenvBuild : public venv_fixture, public testing::WithParamInterface<const char*> {
protected:
  void SetUp() override {
    if (std::string_view{GetParam()} == "uv" && find_uv().empty()) {
      GTEST_SKIP() << "uv is neither in " << TROUPE_TOOLS << " nor on PATH";
    }
    make(ports(GetParam()));
  }

  reply install(const std::string& venv, const json& packages, const char* command = "install") {
    return builder_->ask(command, {{"name", venv}, {"packages", packages}});
  }
};

INSTANTIATE_TEST_SUITE_P(Tool, VenvBuild, testing::Values("pip", "uv"), [](const auto& info) { return info.param; });

TEST_P(VenvBuild, AnEnvironmentThatIsAbsentIsMadeWhenARunAsksForIt) {
  const auto answer = builder_->ask("acquire_venv", {{"name", "venv1"}, {"run", "r1"}, {"actor", "task_r1"}});
  ASSERT_EQ(answer.command(), "venv_is_ready") << answer.body();
  EXPECT_EQ(answer.body()["path"], root_ + "/venvs/venv1");
  EXPECT_EQ(answer.body()["bin"], root_ + "/venvs/venv1/bin");
  const auto prefix = python("venv1", "import sys; print(sys.prefix)");
  EXPECT_EQ(prefix.out, root_ + "/venvs/venv1\n");
  const auto state = builder_->state("venv1");
  EXPECT_EQ(state["state"], "ready") << state;
  EXPECT_EQ(state["tool"], GetParam());
  EXPECT_EQ(state["users"], json::array({"r1"}));
  EXPECT_TRUE(state["python_version"].is_string()) << state;
  const auto told = std::ranges::count_if(builder_->ctx().sent, [](const request& one) {
    return one.command == "venv_progress" && one.recipient.entity == "task_r1" && one.body["run"] == "r1";
  });
  EXPECT_GT(told, 0) << "the run hears how far the builder is";
}

TEST_P(VenvBuild, PackagesComeFromAFolderWithTheirVersions) {
  auto done = install("venv1", {"small==1.0"});
  ASSERT_EQ(done.command(), "packages_are_installed") << done.body();
  EXPECT_EQ(python("venv1", "import small; print(small.version)").out, "1.0\n");
  EXPECT_EQ(builder_->ask("list", {{"name", "venv1"}}).body()["packages"], json::array({"small"}));
  EXPECT_EQ(builder_->ask("list_spec", {{"name", "venv1"}}).body()["packages"], json::array({"small==1.0"}));
  done = install("venv1", {"small"});
  EXPECT_EQ(done.body()["packages"], json::array({"small==1.0"})) << "what is there stays: " << done.body();
  done = install("venv1", {"small"}, "install_latest");
  EXPECT_EQ(done.body()["packages"], json::array({"small==2.0"})) << done.body();
  done = builder_->ask("install", {{"name", "venv1"}, {"packages", {"small"}}, {"spec", "==1.0"}});
  EXPECT_EQ(done.body()["packages"], json::array({"small==1.0"})) << done.body();
  done = install("venv1", {"needy"});
  EXPECT_EQ(done.body()["packages"], json::array({"needy==0.1", "small==1.0"})) << done.body();
}

TEST_P(VenvBuild, AFailedInstallationTellsWhyAndLeavesTheEnvironmentAsItWas) {
  ASSERT_EQ(install("venv1", {"small==1.0"}).command(), "packages_are_installed");
  const auto failed = install("venv1", {"nowhere-to-be-found"});
  EXPECT_EQ(failed.command(), "packages_are_not_installed");
  EXPECT_NE(failed.body()["lines"].dump().find("nowhere-to-be-found"), std::string::npos) << failed.body();
  const auto state = builder_->state("venv1");
  EXPECT_EQ(state["state"], "ready") << state;
  EXPECT_EQ(state["reason"], failed.body()["reason"]);
  EXPECT_EQ(builder_->ask("acquire_venv", {{"name", "venv1"}, {"run", "r"}}).command(), "venv_is_ready");
  EXPECT_EQ(python("venv1", "import small; print(small.version)").out, "1.0\n");
}

TEST_P(VenvBuild, TheDefaultEnvironmentHasWhatTheListAsksForAndSaysWhatIsMissing) {
  std::ofstream{root_ + "/requirements.txt"} << "# a comment\nsmall==2.0   # another\n";
  EXPECT_EQ(builder_->ask("start", {{"fresh", true}}).command(), "started");
  auto answer = builder_->ask("acquire_venv", {{"run", "r"}});
  ASSERT_EQ(answer.command(), "venv_is_ready") << answer.body();
  EXPECT_EQ(python("default", "import small; print(small.version)").out, "2.0\n");
  EXPECT_EQ(builder_->state("default")["missing"], json::array());
  EXPECT_EQ(builder_->ask("release_venv", {{"run", "r"}}).body()["was_used"], true);

  std::ofstream{root_ + "/requirements.txt"} << "not-in-the-folder==3\nsmall==2.0\n";
  EXPECT_EQ(builder_->ask("start", {{"fresh", true}}).command(), "started");
  answer = builder_->ask("acquire_venv", {{"run", "r"}});
  ASSERT_EQ(answer.command(), "venv_is_ready") << "it works without: " << answer.body();
  const auto state = builder_->state("default");
  EXPECT_EQ(state["missing"], json::array({"not-in-the-folder==3", "small==2.0"})) << state;
  EXPECT_EQ(python("default", "print(1)").out, "1\n");
}

TEST_P(VenvBuild, FiftyRequestsAtOnceBuildItOnce) {
  std::vector<fake_answer_ptr> answers;
  for (int i = 0; i < 50; ++i) {
    answers.push_back(i % 2 == 0 ? builder_->tell("acquire_venv", {{"name", "many"}, {"run", std::to_string(i)}})
                                 : builder_->tell("create_venv", {{"name", "many"}}));
  }
  EXPECT_EQ(builder_->state("many")["state"], "building");
  ASSERT_TRUE(builder_->run_until([&] { return std::ranges::all_of(answers, &fake_answer::ready, &fake_answer_ptr::operator*); }));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i]->command(), i % 2 == 0 ? "venv_is_ready" : "venv_is_created") << answers[i]->body();
  }
  EXPECT_EQ(std::ranges::count_if(builder_->ctx().logged,
                                  [](const auto& one) { return one.second.find("is being changed") != std::string::npos; }),
            1);
  EXPECT_EQ(builder_->state("many")["users"].size(), 25u);
}

class VenvProcess : public venv_fixture {};

TEST_F(VenvProcess, AFailedCreationIsAStateAndIsNotTriedAgainUnasked) {
  auto with = ports("pip");
  const auto python = root_ + "/python";
  std::ofstream{python} << "#!/bin/sh\necho once >> " << root_ << "/calls\necho 'no room on this device' >&2\nexit 3\n";
  std::filesystem::permissions(python, std::filesystem::perms::owner_all);
  with.tools.python = python;
  auto& builder = make(with);
  const auto calls = [&] { return run_command("cat " + root_ + "/calls | wc -l").out; };
  auto answer = builder.ask("acquire_venv", {{"name", "bad"}, {"run", "r"}});
  ASSERT_EQ(answer.command(), "venv_is_not_ready");
  EXPECT_NE(answer.body()["reason"].get<std::string>().find("code 3"), std::string::npos) << answer.body();
  EXPECT_NE(answer.body()["lines"].dump().find("no room on this device"), std::string::npos) << answer.body();
  EXPECT_EQ(builder.state("bad")["state"], "failed");
  EXPECT_EQ(builder.ask("acquire_venv", {{"name", "bad"}, {"run", "r"}}).command(), "venv_is_not_ready");
  builder.restart(json::object());
  EXPECT_EQ(builder.ask("acquire_venv", {{"name", "bad"}, {"run", "r"}}).command(), "venv_is_not_ready");
  EXPECT_EQ(calls(), "1\n");
  EXPECT_EQ(builder.ask("create_venv", {{"name", "bad"}}).command(), "venv_is_not_created");
  EXPECT_EQ(calls(), "2\n") << "who asks for it gets a new try";
}

TEST_F(VenvProcess, ABuildThatTakesTooLongIsStopped) {
  auto with = ports("pip");
  const auto python = root_ + "/python";
  std::ofstream{python} << "#!/bin/sh\nexec sleep 1000\n";
  std::filesystem::permissions(python, std::filesystem::perms::owner_all);
  with.tools.python = python;
  with.creation_timeout_s = 0.3;
  const auto answer = make(with).ask("create_venv", {{"name", "slow"}});
  EXPECT_EQ(answer.command(), "venv_is_not_created");
  EXPECT_NE(answer.body()["reason"].get<std::string>().find("VENV_CREATION_TIMEOUT"), std::string::npos) << answer.body();
}

TEST_F(VenvProcess, AnEnvironmentThatIsCleanedGoesWithItsLastUser) {
  auto& builder = make(ports("pip"));
  ASSERT_EQ(builder.ask("acquire_venv", {{"name", "c"}, {"run", "a"}, {"clean", true}}).command(), "venv_is_ready");
  ASSERT_EQ(builder.ask("acquire_venv", {{"name", "c"}, {"run", "b"}}).command(), "venv_is_ready");
  EXPECT_EQ(builder.ask("delete_venv", {{"name", "c"}}).command(), "venv_is_not_deleted");
  (void)builder.ask("release_venv", {{"name", "c"}, {"run", "a"}});
  EXPECT_EQ(builder.state("c")["state"], "ready");
  (void)builder.ask("release_venv", {{"name", "c"}, {"run", "b"}});
  EXPECT_EQ(builder.state("c")["state"], "absent");
  EXPECT_TRUE(builder.run_until([&] { return std::filesystem::is_empty(root_ + "/venvs/.trash"); }));
}

TEST_F(VenvProcess, TheLockOfAnotherProcessIsWaitedFor) {
  auto& builder = make(ports("pip"));
  const auto folder = builder.folder();
  ASSERT_TRUE(folder.make());
  auto theirs = venv_lock::try_take(folder.lock_of("shared"));
  ASSERT_TRUE(theirs && *theirs);
  const auto answer = builder.tell("create_venv", {{"name", "shared"}});
  EXPECT_FALSE(builder.run_until([&] { return answer->ready(); }, 1s));
  EXPECT_NE(builder.state("shared")["progress"].dump().find("waiting for another process"), std::string::npos);
  theirs->reset();
  ASSERT_TRUE(builder.run_until([&] { return answer->ready(); }));
  EXPECT_EQ(answer->command(), "venv_is_created") << answer->body();
}

TEST_F(VenvProcess, AnExistingEnvironmentIsReadyInFiveMilliseconds) {
  auto& builder = make(ports("pip"));
  ASSERT_EQ(builder.ask("create_venv", {{"name", "v"}}).command(), "venv_is_created");
  std::vector<double> times;
  for (int i = 0; i < 21; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(builder.ask("acquire_venv", {{"name", "v"}, {"run", std::to_string(i)}}).command(), "venv_is_ready");
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  std::ranges::nth_element(times, times.begin() + 10);
  EXPECT_LT(times[10], 5);
}

/// From the index that pip and uv of this machine are set up with.
TEST_F(VenvProcess, PackagesComeFromTheIndexWhereOneIsReachable) {
  auto with = ports("auto");
  with.tools.offline = false;
  with.tools.find_links.clear();
  with.environment.clear();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    with.environment.emplace(text.substr(0, text.find('=')), text.substr(text.find('=') + 1));
  }
  with.creation_timeout_s = 60;
  auto& builder = make(with);
  ASSERT_EQ(builder.ask("create_venv", {{"name", "net"}}).command(), "venv_is_created");
  const auto done = builder.ask("install", {{"name", "net"}, {"packages", {"six==1.16.0"}}});
  if (done.command() != "packages_are_installed") {
    GTEST_SKIP() << "no index is reachable: " << done.body();
  }
  EXPECT_EQ(python("net", "import six; print(six.__version__)").out, "1.16.0\n");
}

} // namespace
} // namespace troupe
