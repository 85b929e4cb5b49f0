#include "tests/unit/web/site_fixture.hpp"

#include "web/routes/cookies.hpp"

#include <algorithm>
#include <fstream>

#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

fs::path new_folder() {
  char name[] = "/tmp/troupe-app-routes-XXXXXX";
  return ::mkdtemp(name);
}

class AppRoutesTest : public SiteTest {
protected:
  AppRoutesTest() : AppRoutesTest(new_folder()) {}
  explicit AppRoutesTest(const fs::path& folder) : SiteTest(folder / "all"), folder_(folder) {
    id_ = answer("POST", "/api/v1/applications", R"({"name": "App"})").value("id", "");
    at_ = "/api/v1/applications/" + id_;
    put("pages/index.html", "<p>index</p>");
    put("pages/sub/page.js", "code");
    put("secret.py", "secret");
    EXPECT_EQ(status("PATCH", at_, R"({"static_folder": "/pages"})"), 200u);
  }
  ~AppRoutesTest() override { fs::remove_all(folder_); }

  void put(const std::string& path, const std::string& content) { EXPECT_EQ(status("PUT", at_ + "/files/" + path, content), 201u); }
  fs::path app() const { return folder_ / "all" / ("App-" + id_); }
  std::string page(const std::string& rest) const { return "/app/" + id_ + "/" + rest; }

  /// As `call`, without a credential.
  std::shared_ptr<fake_sink> visit(const std::string& method, const std::string& target, std::vector<http_field> fields = {},
                                   const std::string& body = "") {
    http_request request;
    request.method = method;
    request.target = target;
    request.fields = {{"host", "127.0.0.1:9090"}};
    request.fields.insert(request.fields.end(), fields.begin(), fields.end());
    if (!body.empty()) {
      request.fields.push_back({"content-length", std::to_string(body.size())});
    }
    auto sink = std::make_shared<fake_sink>();
    auto decision = site_->admit(request, true);
    if (auto* refusal = std::get_if<http_response>(&decision)) {
      sink->respond(std::move(*refusal));
      return sink;
    }
    request.body = body;
    site_->run(std::get<admission>(decision), std::move(request), sink);
    return sink;
  }

  static std::string field(const fake_sink& sink, const std::string& name) {
    std::string out;
    for (const auto& each : sink.response->fields) {
      out = each.name == name ? each.value : out;
    }
    return out;
  }

  fs::path folder_;
  std::string id_;
  std::string at_;
};

TEST_F(AppRoutesTest, StaticFilesAreServedInASandboxOfTheirOwn) {
  const auto got = call("GET", page(""));
  EXPECT_EQ(got->response->status, 200u);
  EXPECT_EQ(got->response->body, "<p>index</p>");
  const auto policy = field(*got, "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("sandbox allow-scripts allow-forms")) << policy;
  EXPECT_EQ(policy.find("allow-same-origin"), std::string::npos);
  EXPECT_EQ(call("GET", page("sub/page.js"))->response->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(call("GET", page("sub"))->response->status, 308u);
  EXPECT_EQ(field(*call("GET", "/app/" + id_ + "?a=1"), "Location"), "/app/" + id_ + "/?a=1");
  EXPECT_EQ(call("GET", page("sub/"))->response->status, 404u) << "it has no index.html";
  EXPECT_EQ(call("GET", page("absent.html"))->response->status, 404u);
  const auto tag = field(*got, "ETag");
  EXPECT_EQ(call("GET", page(""), "", {{"if-none-match", tag}})->response->status, 304u);
  EXPECT_EQ(call("GET", page(""), "", {{"range", "bytes=3-7"}})->response->body, "index");
  EXPECT_EQ(status("PUT", at_ + "/files/pages/index.html", "<p>other</p>"), 204u);
  EXPECT_NE(field(*call("GET", page("")), "ETag"), tag);
}

TEST_F(AppRoutesTest, ALargeFileComesInPiecesWithItsLength) {
  const std::string big(3u << 20, 'x');
  put("pages/big.bin", big);
  const auto got = call("GET", page("big.bin"));
  EXPECT_TRUE(got->streams);
  EXPECT_TRUE(got->ended);
  EXPECT_EQ(field(*got, "Content-Length"), std::to_string(big.size()));
  EXPECT_EQ(got->response->body, big);
}

TEST_F(AppRoutesTest, NoPathLeavesTheFolder) {
  std::ofstream(folder_ / "outside.txt") << "secret";
  fs::create_symlink(folder_ / "outside.txt", app() / "pages/link.txt");
  fs::create_symlink(folder_, app() / "pages/up");
  fs::create_symlink("../secret.py", app() / "pages/near.py");
  fs::create_directory_symlink("/proc/self", app() / "pages/self");
  ::mkfifo((app() / "pages/pipe").c_str(), 0600);
  const std::string deep(300, 'a');
  std::vector<std::string> tricks{
    "../secret.py", "..%2Fsecret.py", "%2e%2e/secret.py", "%2E%2E%2Fsecret.py", "%252e%252e/secret.py", "..%252Fsecret.py",
    "sub/../../secret.py", "sub/..%2f..%2fsecret.py", "./../secret.py", "..", ".", "%2e", "../../../../../../etc/passwd",
    "%2Fetc%2Fpasswd", "/etc/passwd", "//etc/passwd", "sub//page.js", "%2F", "..%5Csecret.py", "%5C..%5Csecret.py",
    "%00", "sub%00/page.js", "index.html%00.js", "link.txt", "up/outside.txt", "up/all/App-" + id_ + "/secret.py", "near.py",
    "self/environ", "self/fd/0", "self/cwd", "pipe", "dev/null", "%2Fdev%2Fzero", deep, deep + "/" + deep,
    "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/x", "\xef\xbc\x8e\xef\xbc\x8e/secret.py",
    "%EF%BC%8E%EF%BC%8E/secret.py", "%c0%ae%c0%ae/secret.py", "..%c0%afsecret.py", "%e2%80%a5/secret.py",
    "%E2%88%95etc%E2%88%95passwd", ".troupe/application.json", ".TROUPE/application.json", "%2etroupe/application.json",
    "INDEX.HTML/../../secret.py", "index.html/", "index.html/../../secret.py", "SECRET.PY", "~root/x", "pages/index.html%0d%0aX:1",
    "..;/secret.py", "..%09/secret.py", "secret.py::$DATA"};
  EXPECT_GE(tricks.size(), 40u);
  for (const bool whole : {false, true}) { // `/`: the application is the folder
    if (whole) {
      EXPECT_EQ(status("PATCH", at_, R"({"static_folder": "/"})"), 200u);
      for (auto& each : tricks) {
        each = each.find("SECRET") == std::string::npos && each.find("secret.py") == std::string::npos ? each : "../" + each;
      }
    }
    for (const auto& each : tricks) {
      for (const auto& rest : {each, "pages/" + each}) {
        const auto got = call("GET", page(rest));
        EXPECT_GE(got->response->status, 300u) << rest;
        EXPECT_EQ(got->response->body.find("secret\""), std::string::npos) << rest;
        EXPECT_NE(got->response->body, "secret") << rest;
      }
    }
    EXPECT_EQ(call("GET", page(".troupe/application.json"))->response->status, 404u);
  }
  EXPECT_EQ(call("GET", "/app/" + id_ + "%2F..%2F" + id_ + "/")->response->status, 404u);
  EXPECT_EQ(call("GET", "/app/../etc/passwd")->response->status, 404u);
}

TEST_F(AppRoutesTest, OnlyAPublicApplicationIsForStrangers) {
  EXPECT_EQ(visit("GET", page(""))->response->status, 401u);
  EXPECT_EQ(visit("GET", "/app/AAAAAA/")->response->status, 401u) << "strangers learn of none";
  EXPECT_EQ(visit("POST", page("h"), {}, std::string(100, 'x'))->response->status, 401u);
  ASSERT_EQ(status("PATCH", at_, R"({"public": true})"), 200u);
  EXPECT_EQ(visit("GET", page(""))->response->status, 200u);
  EXPECT_EQ(visit("GET", page(""), {{"origin", "null"}, {"sec-fetch-site", "cross-site"}})->response->status, 200u);
  ASSERT_EQ(status("PATCH", at_, R"({"public": false})"), 200u);
  EXPECT_EQ(visit("GET", page(""))->response->status, 401u) << "a change holds at once";
}

TEST_F(AppRoutesTest, ASessionIsLedToAKeyThatItsPagesCarry) {
  const auto session = *access_.log_in(access_.issue_code());
  const http_field cookie{"cookie", "troupe_session_9090=" + session};
  const auto led = visit("GET", page("sub/page.js?x=1"), {cookie, {"sec-fetch-mode", "navigate"}, {"sec-fetch-site", "none"}});
  ASSERT_EQ(led->response->status, 303u);
  const auto where = field(*led, "Location");
  ASSERT_TRUE(where.starts_with("/app/" + id_ + "~")) << where;
  EXPECT_TRUE(where.ends_with("/sub/page.js?x=1")) << where;
  const std::vector<http_field> sandboxed{{"origin", "null"}, {"sec-fetch-site", "cross-site"}};
  const auto own = visit("GET", where, sandboxed);
  EXPECT_EQ(own->response->status, 200u);
  EXPECT_EQ(field(*own, "Access-Control-Allow-Origin"), "null");
  EXPECT_EQ(visit("OPTIONS", where, {{"origin", "null"}, {"access-control-request-method", "POST"}})->response->status, 204u);
  const auto key = where.substr(std::string("/app/").size() + id_.size() + 1, 32);
  EXPECT_EQ(visit("GET", "/app/AAAAAA~" + key + "/", sandboxed)->response->status, 403u) << "for no other application";
  EXPECT_EQ(visit("GET", "/app/" + id_ + "~" + std::string(32, '0') + "/")->response->status, 403u);
  for (const auto& fields : {sandboxed, std::vector<http_field>{{"origin", "http://evil.example"}}}) {
    auto with = fields;
    with.push_back(cookie);
    EXPECT_EQ(visit("GET", page(""), with)->response->status, 403u) << "a cookie counts for pages of this server only";
    EXPECT_EQ(visit("GET", "/api/v1/applications", with)->response->status, 403u);
  }
  EXPECT_GE(visit("POST", page("h"), {cookie}, "x")->response->status, 401u);
  access_.log_out(session);
  EXPECT_EQ(visit("GET", where, sandboxed)->response->status, 403u);
}

TEST_F(AppRoutesTest, AHandlerGetsTheRequestWithoutCredentialsAndItsAnswerIsCleaned) {
  put("h.py", "1");
  ASSERT_EQ(status("PUT", at_ + "/executable/h.py"), 200u);
  ASSERT_EQ(status("PATCH", at_, R"({"handlers": {"h": {"script": "h.py", "timeout_s": 2}}})"), 200u);
  bool is_open = false;
  actors_.on_ask = [&](const request& what) {
    if (what.command == "open_application") {
      is_open = true;
      return make_answer("application_is_open");
    }
    return !is_open ? make_answer("actor_is_not_found")
                    : make_answer("web_reply", json{{"status", 201},
                                                    {"headers", json::array({json::array({"Set-Cookie", "x=1"}), json::array({"X-Own", "1"}),
                                                                             json::array({"Content-Security-Policy", "default-src *"}),
                                                                             json::array({"Access-Control-Allow-Origin", "*"})})},
                                                    {"body", "made"}});
  };
  const auto got = call("POST", page("h/x%20y?a=1&a=2"), "sent", {{"cookie", "secret=1"}, {"x-mine", "2"}});
  EXPECT_EQ(got->response->status, 201u) << got->response->body;
  EXPECT_EQ(got->response->body, "made");
  EXPECT_EQ(field(*got, "X-Own"), "1");
  EXPECT_EQ(field(*got, "Set-Cookie"), "");
  EXPECT_EQ(field(*got, "Access-Control-Allow-Origin"), "");
  EXPECT_TRUE(field(*got, "Content-Security-Policy").starts_with("sandbox"));
  const auto asked = actors_.asked().back();
  EXPECT_EQ(asked.recipient, address{"application_" + id_});
  const auto& body = asked.body["request"];
  EXPECT_EQ(body["path"], "/x y");
  EXPECT_EQ(body["query"], (json::array({json::array({"a", "1"}), json::array({"a", "2"})})));
  EXPECT_EQ(body["body"], "sent");
  EXPECT_EQ(body["headers"].dump().find("secret"), std::string::npos);
  EXPECT_EQ(body["headers"].dump().find(token), std::string::npos);
  EXPECT_NE(body["headers"].dump().find("x-mine"), std::string::npos);
}

TEST_F(AppRoutesTest, AFailedHandlerTellsItsReasonToThoseWhoAreLoggedIn) {
  put("h.py", "1");
  ASSERT_EQ(status("PUT", at_ + "/executable/h.py"), 200u);
  ASSERT_EQ(status("PATCH", at_, R"({"public": true, "handlers": {"h": {"script": "h.py"}}})"), 200u);
  actors_.on_ask = [&](const request&) { return make_answer("handler_has_failed", json{{"status", 504}, {"reason", "too slow"}}); };
  EXPECT_EQ(call("GET", page("h"))->response->status, 504u);
  EXPECT_NE(call("GET", page("h"))->response->body.find("too slow"), std::string::npos);
  EXPECT_EQ(visit("GET", page("h"))->response->body.find("too slow"), std::string::npos);
  actors_.on_ask = [&](const request& what) {
    EXPECT_EQ(what.command, "open_socket");
    return make_answer("socket_is_open", json{{"pid", "t-1"}});
  };
  const auto joined = call("GET", page("h"), "",
                           {{"upgrade", "websocket"}, {"connection", "Upgrade"}, {"sec-websocket-version", "13"},
                            {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}});
  EXPECT_EQ(joined->joined, "t-1");
  EXPECT_EQ(call("GET", page("h"), "", {{"upgrade", "websocket"}})->response->status, 426u);
}

TEST_F(AppRoutesTest, TheVersionReadGuardsAWrite) {
  const auto read = call("GET", at_ + "/files/secret.py");
  const auto tag = field(*read, "ETag");
  EXPECT_EQ(call("PUT", at_ + "/files/secret.py", "mine", {{"if-match", tag}})->response->status, 204u);
  const auto late = call("PUT", at_ + "/files/secret.py", "theirs", {{"if-match", tag}});
  EXPECT_EQ(late->response->status, 412u);
  EXPECT_EQ(field(*late, "ETag"), field(*call("GET", at_ + "/files/secret.py"), "ETag"));
  EXPECT_EQ(call("PUT", at_ + "/files/secret.py", "x", {{"if-none-match", "*"}})->response->status, 412u);
  EXPECT_EQ(call("PUT", at_ + "/files/secret.py", "x", {{"if-match", "W/\"a\""}})->response->status, 400u);
  EXPECT_EQ(call("DELETE", at_ + "/files/secret.py", "", {{"if-match", tag}})->response->status, 412u);
  EXPECT_EQ(status("POST", at_ + "/move", R"({"from": "secret.py", "to": "lib/s.py"})"), 204u);
  EXPECT_EQ(status("PUT", at_ + "/files/lib/new?type=folder"), 201u);
  EXPECT_EQ(status("DELETE", at_ + "/files/lib"), 409u);
  EXPECT_EQ(answer("GET", at_ + "/files?below=lib")["folders"], json::array({"lib/new"}));
  EXPECT_EQ(status("DELETE", at_ + "/files/lib?recursive=true"), 204u);
  EXPECT_EQ(status("DELETE", at_), 204u);
  EXPECT_EQ(status("GET", at_), 404u);
  EXPECT_EQ(call("GET", page(""))->response->status, 404u);
}

} // namespace
} // namespace troupe
