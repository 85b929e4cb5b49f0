#include "tests/unit/web/site_fixture.hpp"

#include <map>

namespace troupe {
namespace {

/// Answers by command.
class TaskRoutesTest : public SiteTest {
protected:
  TaskRoutesTest() {
    actors_.on_ask = [this](const request& what) {
      const auto found = answers_.find(what.command);
      return found != answers_.end() ? found->second : make_answer("is_not_handled");
    };
  }
  std::map<std::string, message_ptr> answers_;
};

TEST_F(TaskRoutesTest, ATaskIsCreatedAndStartedOnTheNodeThatWasAskedFor) {
  answers_["create_actor"] = make_answer("actor_is_created");
  answers_["start"] = make_answer("task_started", json{{"id", "x"}, {"os_pid", 42}});
  const auto sink = call("POST", "/api/v1/tasks", R"({"node":"first.process_0.admin","script":"/a.py","id":"t-1","args":["b"]})");
  ASSERT_EQ(sink->response->status, 201u) << sink->response->body;
  EXPECT_EQ(json::parse(sink->response->body),
            (json{{"id", "t-1"}, {"name", "task_t-1"}, {"node", "first.process_0.admin"}, {"os_pid", 42}, {"state", "running"}}));
  ASSERT_EQ(sink->response->fields.size(), 1u);
  EXPECT_EQ(sink->response->fields[0].value, "/api/v1/tasks/t-1");
  const auto asked = actors_.asked();
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].recipient, address("first.process_0.admin"));
  EXPECT_EQ(asked[0].body["name"], "task_t-1");
  EXPECT_EQ(asked[0].body["class_desc"], (json{{"requires_dist", "troupe"}, {"class", "Task"}}));
  EXPECT_EQ(asked[1].recipient, address("task_t-1"));
  EXPECT_EQ(asked[1].body, (json{{"id", "t-1"}, {"script", "/a.py"}, {"args", {"b"}}}));
}

TEST_F(TaskRoutesTest, ARejectedTaskIsRemovedAndSaysWhy) {
  answers_["create_actor"] = make_answer("actor_is_created");
  answers_["start"] = make_answer("task_is_rejected", json{{"reason", "no such script"}});
  answers_["remove_actor"] = make_answer("actor_is_removed");
  const auto sink = call("POST", "/api/v1/tasks", R"({"script":"/none.py"})");
  EXPECT_EQ(sink->response->status, 422u);
  EXPECT_NE(sink->response->body.find("no such script"), std::string::npos);
  EXPECT_EQ(actors_.asked().back().command, "remove_actor");
}

TEST_F(TaskRoutesTest, ATaskThatCannotBeCreatedIsNotStarted) {
  answers_["create_actor"] = make_answer("actor_is_not_created", json{{"reason", "the name is taken"}});
  EXPECT_EQ(status("POST", "/api/v1/tasks", R"({"script":"/a.py"})"), 422u);
  answers_["create_actor"] = make_answer("actor_is_not_found");
  EXPECT_EQ(status("POST", "/api/v1/tasks", R"({"script":"/a.py","node":"none"})"), 422u);
  for (const char* body : {"", "[]", "{", R"({"node":7})", R"({"id":"a/b"})", R"({"id":7})"}) {
    EXPECT_EQ(status("POST", "/api/v1/tasks", body), 400u) << body;
  }
  EXPECT_EQ(actors_.asked().size(), 2u);
}

TEST_F(TaskRoutesTest, StateRemovalSignalsAndInputReachTheTask) {
  answers_["get_state"] = make_answer("task_state", json{{"state", "running"}, {"node", "n"}});
  answers_["remove_actor"] = make_answer("actor_is_removed");
  answers_["cancel"] = make_answer("task_is_stopping");
  answers_["signal"] = make_answer("task_is_signalled");
  answers_["write_stdin"] = make_answer("stdin_is_written", json{{"bytes", 3}});
  answers_["close_stdin"] = make_answer("stdin_is_closed");
  EXPECT_EQ(answer("GET", "/api/v1/tasks/7")["state"], "running");
  EXPECT_EQ(status("DELETE", "/api/v1/tasks/7"), 409u);
  answers_["get_state"] = make_answer("task_state", json{{"state", "failed"}, {"node", "n"}});
  EXPECT_EQ(status("DELETE", "/api/v1/tasks/7"), 204u);
  EXPECT_EQ(actors_.asked().back().recipient, address("n"));
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/cancel"), 202u);
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/signal", R"({"signal":"SIGUSR1"})"), 202u);
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/signal", "{}"), 400u);
  EXPECT_EQ(answer("POST", "/api/v1/tasks/7/stdin", "abc"), (json{{"bytes", 3}}));
  EXPECT_EQ(actors_.asked().back().body["data"], "abc");
  call("POST", "/api/v1/tasks/7/stdin?close=true", "\xff\x01");
  EXPECT_EQ(actors_.asked().back().command, "close_stdin");
  EXPECT_EQ(actors_.asked()[actors_.asked().size() - 2].body["data"], json::binary({0xff, 0x01}));
  answers_["write_stdin"] = make_answer("task_is_rejected", json{{"reason", "the input is closed"}});
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/stdin", "abc"), 409u);
}

TEST_F(TaskRoutesTest, JsonAndTreesReachTheTask) {
  answers_["send_json"] = make_answer("json_is_sent");
  answers_["get_tree"] = make_answer("task_tree", json{{"id", "7"}, {"children", json::array()}});
  answers_["cancel"] = make_answer("task_is_stopping");
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/json", R"({"a":{"$bytes":"AP8="}})"), 202u);
  EXPECT_EQ(actors_.asked().back().body, (json{{"data", {{"a", json::binary({0, 255})}}}}));
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/json", "null"), 202u);
  EXPECT_EQ(actors_.asked().back().body, (json{{"data", nullptr}}));
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/json", "{"), 400u);
  EXPECT_EQ(answer("GET", "/api/v1/tasks/7/tree")["id"], "7");
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/cancel?tree=true"), 202u);
  EXPECT_EQ(actors_.asked().back().body, (json{{"tree", true}}));
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/cancel"), 202u);
  EXPECT_EQ(actors_.asked().back().body, (json{{"tree", false}}));
  answers_["send_json"] = make_answer("task_is_rejected", json{{"reason", "the task is over"}});
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/json", "1"), 409u);
}

TEST_F(TaskRoutesTest, AnUnknownTaskIsNotFound) {
  for (const char* command : {"get_state", "cancel", "read_output", "write_stdin"}) {
    answers_[command] = make_answer("actor_is_not_found");
  }
  EXPECT_EQ(status("GET", "/api/v1/tasks/7"), 404u);
  EXPECT_EQ(status("DELETE", "/api/v1/tasks/7"), 404u);
  EXPECT_EQ(status("POST", "/api/v1/tasks/7/cancel"), 404u);
  EXPECT_EQ(status("GET", "/api/v1/tasks/7/output"), 404u);
  EXPECT_EQ(status("GET", "/api/v1/tasks/a%2Fb"), 404u);
  EXPECT_EQ(status("GET", "/api/v1/tasks/"), 404u);
}

TEST_F(TaskRoutesTest, OutputIsReadToItsPresentEnd) {
  actors_.on_ask = [](const request& what) {
    const auto from = what.body["from"].get<std::uint64_t>();
    EXPECT_EQ(what.body["wait"], 0);
    return from < 3 ? make_answer("output", {{"records", {{{"seq", from}, {"stream", "stdout"}, {"at", 0.1}, {"data", "x\n"}}}}, {"next", from + 1}, {"ended", false}})
                    : make_answer("output", {{"records", json::array()}, {"next", from}, {"ended", false}});
  };
  const auto sink = call("GET", "/api/v1/tasks/7/output?from=1");
  EXPECT_EQ(sink->response->body, R"({"at":0.1,"data":"x\n","seq":1,"stream":"stdout"})" "\n"
                                  R"({"at":0.1,"data":"x\n","seq":2,"stream":"stdout"})" "\n" R"({"next":3})" "\n");
  EXPECT_TRUE(sink->ended);
}

TEST_F(TaskRoutesTest, EventsGoOnBehindTheLastOneThatABrowserHas) {
  actors_.on_ask = [](const request& what) {
    const auto from = what.body["from"].get<std::uint64_t>();
    return from < 6 ? make_answer("output", {{"records", {{{"seq", from}, {"data", "x"}}}}, {"next", from + 1}, {"ended", true}, {"state", {{"state", "succeeded"}}}})
                    : make_answer("output", {{"records", json::array()}, {"next", from}, {"ended", true}, {"state", {{"state", "succeeded"}}}});
  };
  const auto sink = call("GET", "/api/v1/tasks/7/output", "", {{"accept", "text/event-stream"}, {"last-event-id", "4"}});
  EXPECT_EQ(sink->response->content_type, "text/event-stream; charset=utf-8");
  EXPECT_EQ(sink->response->body, "id: 5\nevent: record\ndata: {\"data\":\"x\",\"seq\":5}\n\n"
                                  "event: end\ndata: {\"end\":{\"state\":\"succeeded\"},\"next\":6}\n\n");
}

TEST_F(TaskRoutesTest, ATaskThatFailsInTheMiddleOfItsOutputIsNotTakenForItsEnd) {
  actors_.on_ask = [](const request& what) {
    return what.body["from"] == 0 ? make_answer("output", {{"records", {{{"seq", 0}, {"data", "x"}}}}, {"next", 1u}, {"ended", false}})
                                  : make_answer("actor_has_failed", json{{"reason", "its process died"}});
  };
  const auto sink = call("GET", "/api/v1/tasks/7/output?follow=true");
  EXPECT_FALSE(sink->ended) << "its process may come back";
  for (int i = 0; i < 20 && !timer_.waiting.empty(); ++i) {
    const auto next = std::exchange(timer_.waiting, {});
    next.front()();
  }
  EXPECT_NE(sink->response->body.find("{\"error\":{"), std::string::npos) << sink->response->body;
  EXPECT_EQ(sink->response->body.find("\"end\""), std::string::npos);
  EXPECT_TRUE(sink->ended);
}

TEST_F(TaskRoutesTest, AReaderReadsOnWhenTheProcessOfItsTaskCameBack) {
  int asked = 0;
  actors_.on_ask = [&](const request& what) {
    ++asked;
    return what.body["from"] == 0 ? make_answer("output", {{"records", {{{"seq", 0}, {"data", "x"}}}}, {"next", 1u}, {"ended", false}})
           : asked < 5            ? make_answer("actor_has_failed", json{{"reason", "its process died"}})
                       : make_answer("output", {{"records", json::array()}, {"next", 1u}, {"ended", true}, {"state", {{"state", "x"}}}});
  };
  const auto sink = call("GET", "/api/v1/tasks/7/output?follow=true");
  for (int i = 0; i < 20 && !timer_.waiting.empty(); ++i) {
    const auto next = std::exchange(timer_.waiting, {});
    next.front()();
  }
  EXPECT_EQ(sink->response->body.find("error"), std::string::npos) << sink->response->body;
  EXPECT_NE(sink->response->body.find("\"end\""), std::string::npos) << sink->response->body;
  EXPECT_TRUE(sink->ended);
}

} // namespace
} // namespace troupe
