#include "tests/unit/web/site_fixture.hpp"

namespace troupe {
namespace {

TEST_F(SiteTest, AnAskGoesToItsRecipientWithBodyAndTimeout) {
  actors_.on_ask = [](const request& what) { return make_answer("pong", what.body); };
  const auto body = answer("POST", "/api/v1/messages",
                           R"({"type":"ask","recipient":{"node":"n","entity":"e"},"command":"ping","body":[1],"timeout":2.5})");
  EXPECT_EQ(body["command"], "pong");
  const auto asked = actors_.asked().back();
  EXPECT_EQ(asked.recipient, address("n", "e"));
  EXPECT_EQ(asked.body, (json{1}));
  EXPECT_EQ(asked.timeout, seconds(2.5));
}

TEST_F(SiteTest, ATimerIsAnAnswerAndAFullMailboxARefusal) {
  actors_.on_ask = [](const request&) { return make_answer("timer", json{{"mid", "x"}}); };
  EXPECT_EQ(answer("POST", "/api/v1/messages", R"({"command":"a"})")["command"], "timer");
  actors_.on_ask = [](const request&) { return make_answer("mailbox_full"); };
  EXPECT_EQ(status("POST", "/api/v1/messages", R"({"command":"a"})"), 429u);
}

TEST_F(SiteTest, ASendIsAcceptedOrRefusedWithTheReason) {
  const auto sent = call("POST", "/api/v1/messages", R"({"type":"send","command":"a","recipient":"b"})");
  EXPECT_EQ(sent->response->status, 202u);
  EXPECT_EQ(json::parse(sent->response->body), (json{{"accepted", true}}));
  actors_.on_send = [](const request&) { return fail(error_code::mailbox_full, "b is full"); };
  const auto refused = call("POST", "/api/v1/messages", R"({"type":"send","command":"a","recipient":"b"})");
  EXPECT_EQ(refused->response->status, 429u);
  EXPECT_EQ(json::parse(refused->response->body)["detail"], "b is full");
}

TEST_F(SiteTest, AMessageOfTheWrongShapeIsRefusedBeforeAnActorSeesIt) {
  for (const char* body : {"[]", "{", "{}", R"({"command":7})", R"({"command":""})", R"({"type":"tell","command":"a"})",
                           R"({"command":"a","recipient":[1]})", R"({"command":"a","recipient":{"node":7}})",
                           R"({"command":"a","timeout":"soon"})", R"({"command":"a","timeout":-1})",
                           R"({"command":"a","timeout":true})", R"({"command":"a","body":{"$bytes":7}})"}) {
    EXPECT_EQ(status("POST", "/api/v1/messages", body), 400u) << body;
  }
  EXPECT_TRUE(actors_.asked().empty());
}

TEST_F(SiteTest, MembersAreAskedAtTheHeadUnlessTheAddressSaysElse) {
  actors_.on_ask = [](const request&) { return make_answer("members", json{{"members", json::array()}, {"level", "head"}}); };
  EXPECT_EQ(answer("GET", "/api/v1/members")["level"], "head");
  EXPECT_EQ(actors_.asked().back().recipient, address("first.main.admin"));
  EXPECT_EQ(actors_.asked().back().body, (json{{"page_size", 5}}));
  call("GET", "/api/v1/members?level=actors&recipient=first.process_0.admin&id=_page_2&page_size=7");
  EXPECT_EQ(actors_.asked().back().recipient, address("first.process_0.admin"));
  EXPECT_EQ(actors_.asked().back().body["level"], "actors");
  EXPECT_EQ(actors_.asked().back().body["id"], "_page_2");
  EXPECT_EQ(actors_.asked().back().body["page_size"], 7);
  EXPECT_EQ(status("GET", "/api/v1/members?page_size=0"), 400u);
  actors_.on_ask = [](const request&) { return make_answer("actor_is_not_found"); };
  EXPECT_EQ(status("GET", "/api/v1/members?recipient=none"), 404u);
}

TEST_F(SiteTest, ReadyMeansThatTheHeadAnswers) {
  actors_.on_ask = [](const request&) { return make_answer("all_nodes", json{"first.main.admin"}); };
  EXPECT_EQ(status("GET", "/readyz"), 200u);
  const auto facts = answer("GET", "/api/v1/status");
  EXPECT_EQ(facts["nodes"], (json{"first.main.admin"}));
  EXPECT_EQ(facts["system"], "king");
  EXPECT_EQ(facts["services"]["api"], "http://127.0.0.1:9090");
  actors_.on_ask = [](const request&) { return make_answer("timer"); };
  EXPECT_EQ(status("GET", "/readyz"), 503u);
  EXPECT_EQ(status("GET", "/api/v1/status"), 503u);
}

TEST_F(SiteTest, MetricsShowTheGatewayAndWhatTheNodeOffers) {
  actors_.on_ask = [](const request&) { return make_answer("metrics", json{{"actors", 3}, {"queue", {{"max-depth", 7.5}}}, {"text", "x"}}); };
  auto text = call("GET", "/metrics")->response->body;
  EXPECT_NE(text.find("troupe_web_requests_total 0\n"), std::string::npos);
  EXPECT_NE(text.find("troupe_actors{node=\"first.main.admin\"} 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("troupe_queue_max_depth{node=\"first.main.admin\"} 7.5\n"), std::string::npos) << text;
  actors_.on_ask = [](const request&) { return make_answer("is_not_handled"); };
  EXPECT_EQ(status("GET", "/metrics"), 200u);
}

TEST_F(SiteTest, TheConsoleSpeaksTheLanguageOfItsReader) {
  const auto language = [&](const std::string& target, const std::string& accepted) {
    const auto page = call("GET", target, "", {{"accept-language", accepted}})->response->body;
    return page.substr(page.find("lang=\"") + 6, 2);
  };
  EXPECT_EQ(language("/", ""), "en");
  EXPECT_EQ(language("/", "ru-RU,ru;q=0.9,en;q=0.8"), "ru");
  EXPECT_EQ(language("/", "en-US,en;q=0.9,ru;q=0.8"), "en");
  EXPECT_EQ(language("/", "de;q=1, ru;q=0.3, en;q=0.2"), "ru");
  EXPECT_EQ(language("/?lang=en", "ru"), "en");
  EXPECT_EQ(language("/?lang=ru", "en"), "ru");
  EXPECT_EQ(language("/?lang=%22%3E%3Cscript%3E", ""), "en");
}

TEST_F(SiteTest, NothingOfARequestStandsInAPageUnescaped) {
  for (const char* target : {"/?level=actor&id=%3Cscript%3Ealert(1)%3C/script%3E", "/login?code=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"}) {
    const auto sink = call("GET", target);
    EXPECT_EQ(sink->response->body.find("alert(1)"), std::string::npos) << target;
    std::string policy;
    for (const auto& field : sink->response->fields) {
      policy = field.name == "Content-Security-Policy" ? field.value : policy;
    }
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  }
}

TEST_F(SiteTest, TheLogSaysWhyThereIsNone) { EXPECT_EQ(status("GET", "/api/v1/log"), 404u); }

TEST_F(SiteTest, ANewLoginAddressWorksOnce) {
  const auto login = answer("POST", "/api/v1/login_codes")["login"].get<std::string>();
  EXPECT_TRUE(login.starts_with("http://127.0.0.1:9090/login?code="));
  const auto code = login.substr(login.find('=') + 1);
  EXPECT_EQ(status("POST", "/login", "code=" + code), 303u);
  EXPECT_EQ(status("POST", "/login", "code=" + code), 403u);
}

} // namespace
} // namespace troupe
