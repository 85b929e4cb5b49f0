// Applications as a team uses them: filled and run over HTTP and from the command line.
#include "tests/system/harness/program_paths.hpp"
#include "tests/system/harness/test_system.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

namespace {

using namespace system_test;

const std::string root = "/api/v1/applications";

class ApplicationSystem : public testing::Test {
protected:
  /// An application with `files`, those in `marked` executable.
  std::string application(const std::map<std::string, std::string>& files, const std::vector<std::string>& marked = {}) {
    const auto made = system_.http("POST", root, R"({"name": "Manual"})");
    EXPECT_EQ(made.status, 201) << made.body;
    const auto id = json::parse(made.body, nullptr, false).value("id", "");
    for (const auto& [path, content] : files) {
      EXPECT_EQ(system_.http("PUT", root + "/" + id + "/files/" + path, content).status, 201) << path;
    }
    for (const auto& path : marked) {
      mark(id, path);
    }
    return id;
  }
  std::string mark(const std::string& id, const std::string& path) {
    const auto got = system_.http("PUT", root + "/" + id + "/executable/" + path);
    EXPECT_EQ(got.status, 200) << got.body;
    return json::parse(got.body, nullptr, false).value("id", "");
  }
  std::string folder_of(const std::string& id) { return system_.state_dir() / "applications" / ("Manual-" + id); }

  task_output run(const std::string& id, const std::string& script, const json& body = json::object()) {
    const auto got = system_.http("POST", root + "/" + id + "/run/" + script, body.dump(), scaled(30s));
    EXPECT_EQ(got.status, 202) << got.body;
    const auto task = json::parse(got.body, nullptr, false).value("id", "");
    EXPECT_EQ(got.header("location"), "/api/v1/tasks/" + task);
    return follow_output(system_, task, scaled(30s));
  }

  finished troupe_program(std::vector<std::string> words, const std::string& input = {}) {
    program_options command;
    command.argv = {programs().troupe, "--state-dir", system_.state_dir()};
    if (!input.empty()) { // a shell gives the program a pipe to read from
      command.argv = {"/bin/sh", "-c", "printf '" + input + "' | exec \"$0\" \"$@\"", programs().troupe, "--state-dir",
                      system_.state_dir()};
    }
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.folder = system_.folder().path();
    return run_program(command, scaled(60s));
  }

  test_system system_;
};

TEST_F(ApplicationSystem, ARunSeesItsApplicationInTaskParams) {
  const auto id = application({{"sub/show.py", "import json\nfrom ompy.appmanager.variables import TASK_PARAMS\n"
                                               "from lib.tools import twice\nprint(json.dumps(TASK_PARAMS))\nprint(twice(4))\n"},
                               {"lib/tools.py", "def twice(x):\n    return 2 * x\n"}},
                              {"sub/show.py"});
  const auto got = run(id, "sub/show.py", {{"params", {{"factorial", 5}}}});
  const auto params = json::parse(got.out.substr(0, got.out.find('\n')), nullptr, false);
  ASSERT_TRUE(params.is_object()) << got.out << got.err;
  EXPECT_EQ(params["applicationPath"], folder_of(id));
  EXPECT_EQ(params["scriptPath"], "sub/show.py");
  EXPECT_EQ(params["scriptParams"], (json{{"factorial", 5}}));
  EXPECT_TRUE(params["parentPid"].is_null());
  EXPECT_EQ(params.size(), 6u);
  EXPECT_TRUE(got.out.ends_with("}\n8\n")) << "what is not marked can be imported: " << got.out << got.err;
}

TEST_F(ApplicationSystem, ChildrenAreStartedByNameAndIdIfTheyAreMarked) {
  const auto id = application(
    {{"parent.py", "from ompy.appmanager.communication import run_am_script\nfrom ompy.appmanager.variables import TASK_PARAMS\n"
                   "from ompy.errors import OmpyError\n"
                   "for script in TASK_PARAMS['scriptParams']['scripts']:\n"
                   "    try:\n"
                   "        print('started', run_am_script(script, {'n': 5}))\n"
                   "    except OmpyError as problem:\n"
                   "        print(problem.name, problem)\n"},
     {"sub/child.py", "import json\nfrom ompy.appmanager.variables import TASK_PARAMS\nprint(json.dumps(TASK_PARAMS))\n"},
     {"lib.py", "print('must not run')\n"}},
    {"parent.py"});
  const auto child = mark(id, "sub/child.py");
  const auto got = run(id, "parent.py", {{"params", {{"scripts", {"sub/child.py", child, "lib.py", "../outside.py"}}}}});
  std::istringstream lines(got.out);
  for (int i = 0; i < 2; ++i) {
    std::string line;
    std::getline(lines, line);
    ASSERT_TRUE(line.starts_with("started ")) << got.out << got.err;
    const auto of_child = follow_output(system_, line.substr(8), scaled(30s));
    const auto params = json::parse(of_child.out, nullptr, false);
    ASSERT_TRUE(params.is_object()) << of_child.out << of_child.err;
    EXPECT_EQ(params["applicationPath"], folder_of(id));
    EXPECT_EQ(params["scriptPath"], "sub/child.py");
    EXPECT_EQ(params["parentPid"], got.end.value("id", ""));
    EXPECT_EQ(params["scriptParams"], (json{{"n", 5}}));
  }
  std::string line;
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("access_denied ")) << line;
  EXPECT_NE(line.find("not marked executable"), std::string::npos) << line;
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("not_found ")) << line;
}

TEST_F(ApplicationSystem, WhatIsNotMarkedIsRefusedUntilItIs) {
  const auto id = application({{"a.py", "print(1)\n"}});
  const auto at = root + "/" + id;
  const auto refused = system_.http("POST", at + "/run/a.py", "{}");
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("troupe app exec " + id + " a.py"), std::string::npos) << refused.body;
  const auto script = mark(id, "a.py");
  EXPECT_EQ(run(id, script).out, "1\n");
  EXPECT_EQ(system_.http("PUT", at + "/files/a.py", "print(2)\n").status, 204);
  EXPECT_EQ(run(id, script).out, "2\n") << "the id stays when the file is written anew";
  EXPECT_EQ(system_.http("DELETE", at + "/executable/a.py").status, 204);
  EXPECT_EQ(system_.http("POST", at + "/run/a.py", "{}").status, 403);
}

TEST_F(ApplicationSystem, ApplicationsOutliveTheDaemon) {
  const auto id = application({{"a.py", "print('still here')\n"}});
  const auto script = mark(id, "a.py");
  system_.expect_killed();
  system_.kill_daemon();
  system_.start_daemon(scaled(20s));
  EXPECT_EQ(json::parse(system_.http("GET", root + "/" + id).body, nullptr, false)["executable"], (json{{"a.py", script}}));
  EXPECT_EQ(run(id, script).out, "still here\n");
}

TEST_F(ApplicationSystem, BadRequestsOverHttpLeaveNothing) {
  const auto id = application({});
  const auto at = root + "/" + id;
  for (const char* path : {"../secret.py", "..%2Fsecret.py", "%2e%2e/x.py", "a/..%2f..%2fx.py", "%2Ftmp%2Fx.py", "a//b", ".troupe/x",
                           "a%00b", "a%5Cb", "./x"}) {
    EXPECT_EQ(system_.http("PUT", at + "/files/" + path, "x").status, 400) << path;
    EXPECT_EQ(system_.http("GET", at + "/files/" + path).status, 400) << path;
  }
  EXPECT_EQ(system_.http("PUT", at + "/files/big", std::string((16u << 20) + 1, 'x'), scaled(30s)).status, 413);
  EXPECT_EQ(system_.http("PUT", at + "/files/most", std::string(16u << 20, 'x'), scaled(30s)).status, 201);
  EXPECT_EQ(system_.http("GET", at + "/files/most", {}, scaled(30s)).body.size(), 16u << 20);
  EXPECT_EQ(json::parse(system_.http("GET", at).body, nullptr, false)["files"].size(), 1u);
  EXPECT_EQ(system_.http("POST", root, "no json").status, 400);
  EXPECT_EQ(system_.http("POST", at + "/run/most", R"({"command": ["true"]})").status, 400);
}

TEST_F(ApplicationSystem, TheCommandLineMakesFillsMarksAndRuns) {
  auto got = troupe_program({"app", "create", "Отчёт 1"});
  ASSERT_EQ(got.state, (exit_state{false, 0})) << got.err;
  const auto id = got.out.substr(0, got.out.find('\n'));
  const auto file = system_.folder().write("say.py", "import sys\nfrom ompy.appmanager.variables import TASK_PARAMS\n"
                                                     "print(TASK_PARAMS['scriptParams'], sys.argv[1:], sys.stdin.read())\n"
                                                     "sys.exit(7)\n");
  got = troupe_program({"app", "put", id, file});
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.err;
  got = troupe_program({"app", "put", id, "-", "data/in.txt"}, "typed");
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.err;
  EXPECT_EQ(system_.http("GET", root + "/" + id + "/files/data/in.txt").body, "typed");
  got = troupe_program({"app", "run", id, "say.py"});
  EXPECT_EQ(got.state, (exit_state{false, 1}));
  EXPECT_NE(got.err.find("troupe app exec " + id + " say.py"), std::string::npos) << got.err;
  got = troupe_program({"app", "exec", id, "say.py"});
  ASSERT_EQ(got.state, (exit_state{false, 0})) << got.err;
  const auto script = got.out.substr(0, got.out.find('\n'));
  got = troupe_program({"app", "run", id, script, "--params", R"({"n": 1})", "--", "a", "[1,2]"}, "input");
  EXPECT_EQ(got.state, (exit_state{false, 7})) << got.err;
  EXPECT_EQ(got.out, "{'n': 1} ['a', '[1,2]'] input\n") << got.err;
  got = troupe_program({"app", "run", id, "say.py", "--json"}, "x");
  EXPECT_EQ(json::parse(got.out, nullptr, false).value("exit_code", 0), 7) << got.out;
  got = troupe_program({"app", "ls"});
  EXPECT_NE(got.out.find(id + "       Отчёт 1"), std::string::npos) << got.out;
  got = troupe_program({"app", "show", id});
  EXPECT_NE(got.out.find(script), std::string::npos) << got.out;
  EXPECT_EQ(json::parse(troupe_program({"app", "show", id, "--json"}).out, nullptr, false)["executable"], (json{{"say.py", script}}));
  EXPECT_EQ(troupe_program({"app", "unexec", id, "say.py"}).state, (exit_state{false, 0}));
  EXPECT_EQ(troupe_program({"app", "put", id, "absent.py"}).state, (exit_state{false, 2}));
  EXPECT_EQ(troupe_program({"app", "put", id, "-"}).state, (exit_state{false, 2}));
  EXPECT_EQ(troupe_program({"app", "put", id, file, "../x.py"}).state, (exit_state{false, 1}));
  EXPECT_EQ(troupe_program({"app", "create", "a/b"}).state, (exit_state{false, 1}));
}

TEST_F(ApplicationSystem, TheCommandLineChangesMovesAndRemoves) {
  const auto done = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "app");
    const auto got = troupe_program(words);
    EXPECT_EQ(got.state, (exit_state{false, 0})) << got.err;
    return got.out;
  };
  const auto id = application({{"a.py", "from ompy.appmanager.variables import TASK_PARAMS\nprint(TASK_PARAMS['scriptParams'])\n"}});
  const auto script = mark(id, "a.py");
  done({"mkdir", id, "lib/data"});
  done({"mv", id, "a.py", "lib/a.py"});
  done({"set", id, "--static", "pages", "--params", R"({"n": 1, "m": 2})", "--handlers", R"({"h": {"script": "lib/a.py"}})"});
  EXPECT_EQ(done({"run", id, script, "--params", R"({"m": 3})"}), "{'m': 3, 'n': 1}\n") << "the run's are above";
  EXPECT_EQ(done({"get", id, "lib/a.py"}).substr(0, 9), "from ompy");
  done({"get", id, "lib/a.py", system_.folder().path() / "copy.py"});
  EXPECT_TRUE(std::filesystem::exists(system_.folder().path() / "copy.py"));
  EXPECT_NE(done({"handlers", id}).find("lib/a.py"), std::string::npos);
  done({"stop", id, "h"});
  done({"rename", id, "Другое имя"});
  EXPECT_NE(done({"ls"}).find("Другое имя"), std::string::npos);
  EXPECT_EQ(troupe_program({"app", "del", id, "lib"}).state, (exit_state{false, 1})) << "it is not empty";
  done({"del", id, "lib", "-r"});
  EXPECT_EQ(troupe_program({"app", "set", id}).state, (exit_state{false, 2}));
  EXPECT_EQ(troupe_program({"app", "set", id, "--params", "[]"}).state, (exit_state{false, 2}));
  done({"rm", id});
  EXPECT_EQ(troupe_program({"app", "show", id}).state, (exit_state{false, 1}));
}

TEST_F(ApplicationSystem, CurlIsLedOutOfNoFolder) {
  const auto id = application({{"pages/index.html", "index"}, {"secret.txt", "hidden"}});
  ASSERT_EQ(system_.http("PATCH", root + "/" + id, R"({"static_folder": "pages"})").status, 200);
  const auto pages = std::filesystem::path(folder_of(id)) / "pages";
  std::filesystem::create_symlink(system_.state_dir() / "token", pages / "token");
  std::filesystem::create_directory_symlink("/", pages / "root");
  const auto status_of = [&](const std::string& target) {
    program_options curl;
    curl.argv = {"curl", "-s", "--path-as-is", "-m", "20", "-H", "Authorization: Bearer " + system_.token(), "-w", "\n%{http_code}",
                 "http://" + system_.gateway().authority() + target};
    const auto got = run_program(curl, scaled(30s)).out;
    EXPECT_EQ(got.find("hidden"), std::string::npos) << target;
    EXPECT_EQ(got.find(system_.token()), std::string::npos) << target;
    EXPECT_EQ(got.find("root:x:"), std::string::npos) << target;
    return got.substr(got.rfind('\n') + 1);
  };
  EXPECT_EQ(status_of("/app/" + id + "/"), "200");
  const std::vector<std::string> tricks{"../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "%252e%252e/secret.txt",
                                        "x/../../secret.txt", "..%5csecret.txt", "//etc/passwd", "%2fetc%2fpasswd", "token",
                                        "root/etc/passwd", "root/proc/self/environ", "%00", "index.html%00", "./../secret.txt",
                                        "%c0%ae%c0%ae/secret.txt", "%ef%bc%8e%ef%bc%8e/secret.txt", ".troupe/application.json",
                                        "../.troupe/application.json", "../../../token", std::string(3'000, 'a')};
  for (const auto& each : tricks) {
    for (const auto& base : {"/app/" + id + "/", root + "/" + id + "/files/"}) {
      const auto status = status_of(base + each);
      EXPECT_TRUE(status.starts_with('4') || status == "308") << base << each << " " << status;
    }
  }
}

TEST_F(ApplicationSystem, AScriptOutsideAnyApplicationKeepsItsRule) {
  (void)system_.folder().write("plain/child.py", "print('child')\n");
  const auto parent = system_.folder().write(
    "plain/parent.py", "from ompy.appmanager.communication import run_am_script\nprint(run_am_script('child.py', {}))\n");
  const auto got = troupe_program({"run", parent});
  ASSERT_EQ(got.state, (exit_state{false, 0})) << got.err;
  EXPECT_EQ(follow_output(system_, got.out.substr(0, got.out.find('\n')), scaled(30s)).out, "child\n");
}

} // namespace
