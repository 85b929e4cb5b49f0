#include "tests/system/cli/cli_program.hpp"
#include "tests/system/cli/fake_system.hpp"

#include <gtest/gtest.h>

namespace {

using cli_test::fake_system;
using cli_test::json;
using cli_test::run_cli;

class Cli : public testing::Test {
protected:
  cli_test::ended_program troupe(std::vector<std::string> words, std::optional<std::string> input = {}) {
    words.insert(words.begin(), {"--state-dir", system.state_dir()});
    return run_cli(std::move(words), std::move(input));
  }
  json sent_message() {
    const auto request = system.gateway().wait_for("POST /api/v1/messages");
    return request ? json::parse(request->body) : json{};
  }
  void answer(const std::string& command, const json& body) {
    system.answer("POST /api/v1/messages", 200, {{"mid", "king.first.main.1"}, {"command", command}, {"body", body}});
  }
  fake_system system;
};

TEST_F(Cli, AskCarriesRecipientCommandBodyAndTimeoutAndPrintsTheAnswer) {
  answer("params_are_set", nullptr);
  const auto got =
    troupe({"ask", "dancer", "set_params", R"({"params": [{"name": "period", "value": 2}]})", "--timeout", "5"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(got.out, "params_are_set\n");
  const auto message = sent_message();
  EXPECT_EQ(message["type"], "ask");
  EXPECT_EQ(message["recipient"], "dancer");
  EXPECT_EQ(message["command"], "set_params");
  EXPECT_EQ(message["body"]["params"][0]["value"], 2);
  EXPECT_EQ(message["timeout"], 5);
}

TEST_F(Cli, ATextBodyStaysATextAndAnAddressBecomesAnObject) {
  answer("done", "thanks");
  const auto got = troupe({"ask", R"({"node": "first.main.admin", "entity": null})", "note", "[not json"});
  EXPECT_EQ(got.out, "done\nthanks\n") << got.err;
  const auto message = sent_message();
  EXPECT_EQ(message["recipient"]["node"], "first.main.admin");
  EXPECT_EQ(message["body"], "[not json");
}

TEST_F(Cli, ABodyComesFromStandardInput) {
  answer("done", nullptr);
  EXPECT_EQ(troupe({"ask", "x", "y", "--body-file", "-"}, R"({"n": 1})").code, 0);
  EXPECT_EQ(sent_message()["body"]["n"], 1);
}

TEST_F(Cli, AFailureAnswerIsPrintedAndEndsWithOne) {
  answer("timer", {{"mid", "king.first.main.7"}});
  const auto got = troupe({"ask", "hello", "tick"});
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.out.find("timer\n"), std::string::npos);
  EXPECT_NE(got.err.find("--timeout"), std::string::npos) << got.err;
}

TEST_F(Cli, JsonPrintsTheWholeAnswerAsOneDocument) {
  answer("is_not_handled", {{"mid", "m"}});
  const auto got = troupe({"--json", "ask", "hello", "what"});
  EXPECT_EQ(got.code, 1);
  EXPECT_EQ(json::parse(got.out)["body"]["mid"], "m");
}

TEST_F(Cli, SendDoesNotWaitForAnAnswer) {
  system.answer("POST /api/v1/messages", 202, {{"accepted", true}});
  const auto got = troupe({"send", "hello", "tick"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(got.out, "The message is sent\n");
  EXPECT_EQ(sent_message()["type"], "send");
}

TEST_F(Cli, ARefusalOfTheGatewayIsToldInItsWords) {
  system.answer("POST /api/v1/messages", 413,
                {{"title", "Too large"}, {"detail", "a message may have 64 MiB"}, {"status", 413}});
  const auto got = troupe({"ask", "hello", "tick"});
  EXPECT_EQ(got.code, 1);
  EXPECT_EQ(got.err, "troupe: Too large: a message may have 64 MiB\n");
}

TEST_F(Cli, AWrongTokenIsExplained) {
  system.folder().write("token", "another\n");
  const auto got = troupe({"status"});
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.err.find("token"), std::string::npos) << got.err;
}

TEST_F(Cli, StatusShowsTheSystem) {
  system.answer("GET /api/v1/status", 200,
                {{"system", "king"},
                 {"version", "0.1.0"},
                 {"head", "first.main.admin"},
                 {"nodes", {"first.main.admin"}},
                 {"services", json::object()}});
  const auto got = troupe({"status"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_NE(got.out.find("system    king\n"), std::string::npos) << got.out;
  EXPECT_NE(got.out.find("node      first.main.admin\n"), std::string::npos) << got.out;
  EXPECT_EQ(json::parse(troupe({"status", "--json"}).out)["head"], "first.main.admin");
}

TEST_F(Cli, ActorsAreListedOverAllPagesOfAllNodes) {
  system.answer("GET /api/v1/status", 200,
                {{"head", "first.main.admin"}, {"nodes", {"first.main.admin", "first.process_0.admin"}}});
  const auto page = [](const std::string& node, std::vector<std::string> ids, int pages) {
    json answer{{"level", "actors"}, {"members", json::array()}};
    for (const auto& id : ids) {
      answer["members"].push_back({{"id", id}, {"recipient", node}, {"next_level", "actor"}});
    }
    if (pages > 1) {
      answer["nav"] = {{"count", pages}, {"page", 0}};
    }
    return answer;
  };
  const std::string members = "GET /api/v1/members?level=actors&recipient=first.";
  system.answer(members + "main.admin&id=_page_0", 200, page("first.main.admin", {"first.main.admin", "a"}, 2));
  system.answer(members + "main.admin&id=_page_1", 200, page("first.main.admin", {"b"}, 2));
  system.answer(members + "process_0.admin&id=_page_0", 200,
                page("first.process_0.admin", {"first.process_0.admin", "c"}, 1));
  const auto got = troupe({"actors"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(got.out, "ACTOR  NODE\n"
                     "a      first.main.admin\n"
                     "b      first.main.admin\n"
                     "c      first.process_0.admin\n");
}

TEST_F(Cli, AProcessIsMadeByTheHeadAndItsNodeIsPrinted) {
  system.answer("GET /api/v1/status", 200, {{"head", "first.main.admin"}, {"nodes", {"first.main.admin"}}});
  answer("actor_is_created", {{"system", "king"}, {"node", "first.worker.admin"}, {"entity", nullptr}});
  const auto got = troupe({"processes", "create", "--name", "worker"});
  EXPECT_EQ(got.out, "first.worker.admin\n") << got.err;
  EXPECT_EQ(sent_message()["recipient"], "first.main.admin");
  EXPECT_EQ(sent_message()["body"]["name"], "worker");
}

TEST_F(Cli, AProcessThatCannotBeRemovedEndsWithOneAndTheReason) {
  system.answer("GET /api/v1/status", 200, {{"head", "first.main.admin"}, {"nodes", {"first.main.admin"}}});
  answer("process_is_not_removed", {{"reason", "there is no such process"}});
  const auto got = troupe({"processes", "rm", "first.x.admin"});
  EXPECT_EQ(got.code, 1);
  EXPECT_NE(got.err.find("there is no such process"), std::string::npos) << got.err;
}

TEST_F(Cli, TheSystemsLogIsPrintedAsItIs) {
  system.answer("GET /api/v1/log?lines=3&follow=false", 200, "as json");
  EXPECT_EQ(troupe({"logs", "-n", "3"}).out, "\"as json\"");
}

TEST_F(Cli, WithoutASystemTheWayToStartOneIsToldWithExitCodeThree) {
  const auto got = run_cli({"status", "--state-dir", "/nonexistent/state"});
  EXPECT_EQ(got.code, 3);
  EXPECT_NE(got.err.find("troupe up"), std::string::npos) << got.err;
  EXPECT_EQ(json::parse(run_cli({"status", "--json", "--state-dir", "/nonexistent/state"}).out)["exit_code"], 3);
}

TEST_F(Cli, AStaleReadyFileIsNoSystem) {
  system.gateway().close_door();
  const auto got = troupe({"ask", "x", "y"});
  EXPECT_EQ(got.code, 3);
  EXPECT_NE(got.err.find("takes no connection"), std::string::npos) << got.err;
}

TEST_F(Cli, ALogOfASystemThatHasEndedIsReadFromItsFile) {
  system.gateway().close_door();
  system.folder().write("log/troupe.log", "one\ntwo\nthree\n");
  const auto got = troupe({"logs", "-n", "2"});
  EXPECT_EQ(got.code, 0);
  EXPECT_EQ(got.out, "two\nthree\n");
  EXPECT_NE(got.err.find("no system is running"), std::string::npos);
}

TEST_F(Cli, WrongArgumentsEndWithTwo) {
  EXPECT_EQ(run_cli({"ask"}).code, 2);
  EXPECT_EQ(run_cli({"fly"}).code, 2);
  EXPECT_EQ(run_cli({}).code, 2);
  EXPECT_EQ(run_cli({"--help"}).code, 0);
  EXPECT_EQ(run_cli({"help", "run"}).code, 0);
}

TEST(CliConnection, ABrokenConnectionInTheMiddleOfAnAnswerEndsWithFour) {
  system_test::temp_folder folder;
  cli_test::fake_gateway gateway([](const cli_test::seen_request&, cli_test::connection& peer) {
    peer.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"mid\"");
  });
  folder.write("token", "secret");
  folder.write("ready.json", json{{"pid", 1}, {"api", gateway.address()}}.dump());
  const auto got = run_cli({"ask", "x", "y", "--state-dir", folder.path().string()});
  EXPECT_EQ(got.code, 4);
  EXPECT_NE(got.err.find("was lost"), std::string::npos) << got.err;
}

} // namespace
