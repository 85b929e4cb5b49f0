#include "tests/unit/web/site_fixture.hpp"

#include <fstream>

namespace troupe {
namespace {

namespace fs = std::filesystem;

fs::path new_applications_folder() {
  char name[] = "/tmp/troupe-application-routes-XXXXXX";
  return ::mkdtemp(name);
}

class ApplicationRoutesTest : public SiteTest {
protected:
  ApplicationRoutesTest() : ApplicationRoutesTest(new_applications_folder()) {}
  explicit ApplicationRoutesTest(const fs::path& folder) : SiteTest(folder / "all"), folder_(folder) {
    id_ = answer("POST", "/api/v1/applications", R"({"name": "App 1"})").value("id", "");
    at_ = "/api/v1/applications/" + id_;
  }
  ~ApplicationRoutesTest() override { fs::remove_all(folder_); }

  fs::path folder_;
  std::string id_;
  std::string at_;
};

TEST_F(ApplicationRoutesTest, ApplicationsAreMadeAndListed) {
  const auto made = call("POST", "/api/v1/applications", R"({"name": "Second"})");
  ASSERT_EQ(made->response->status, 201u) << made->response->body;
  const auto facts = json::parse(made->response->body);
  EXPECT_EQ(made->response->fields.at(0).value, "/api/v1/applications/" + facts["id"].get<std::string>());
  EXPECT_EQ(facts["path"], (folder_ / "all" / ("Second-" + facts["id"].get<std::string>())).string());
  const auto all = answer("GET", "/api/v1/applications")["applications"];
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["name"], "App 1");
  for (const char* body : {"", "[]", "{}", R"({"name": 7})", R"({"name": ""})", R"({"name": "a/b"})", R"({"name": "a", "id": "x"})"}) {
    EXPECT_EQ(status("POST", "/api/v1/applications", body), 400u) << body;
  }
  EXPECT_EQ(status("GET", "/api/v1/applications/AAAAAA"), 404u);
  EXPECT_EQ(status("GET", "/api/v1/applications/..%2F..%2Fetc"), 404u);
}

TEST_F(ApplicationRoutesTest, FilesAreWrittenAndReadByTheirPaths) {
  const auto made = call("PUT", at_ + "/files/lib/a%20b.py", "print(1)\n");
  EXPECT_EQ(made->response->status, 201u) << made->response->body;
  EXPECT_EQ(made->response->fields.at(0).value, at_ + "/files/lib/a%20b.py");
  EXPECT_EQ(status("PUT", at_ + "/files/lib%2Fa%20b.py", "print(2)\n"), 204u) << "an encoded slash is a slash";
  EXPECT_EQ(status("PUT", at_ + "/files/empty", ""), 201u);
  EXPECT_EQ(call("GET", at_ + "/files/lib/a%20b.py")->response->body, "print(2)\n");
  EXPECT_EQ(answer("GET", at_)["files"],
            (json::array({json{{"path", "empty"}, {"size", 0}}, json{{"path", "lib/a b.py"}, {"size", 9}}})));
  EXPECT_EQ(status("GET", at_ + "/files/absent.py"), 404u);
  EXPECT_EQ(status("PUT", at_ + "/files/lib", "x"), 409u);
  EXPECT_EQ(status("PUT", at_ + "/files", "x"), 405u);
  EXPECT_EQ(call("PUT", "/api/v1/applications/AAAAAA/files/a", "x")->response->status, 404u);
}

TEST_F(ApplicationRoutesTest, NoPathLeavesTheFolder) {
  std::ofstream(folder_ / "all" / "secret") << "secret";
  for (const char* path : {"../secret", "..%2Fsecret", "%2e%2e/secret", "a/../../secret", "a/..%2f..%2fsecret", "./x", "a//b", "a/",
                           "%2Fetc%2Fpasswd", "/etc/passwd", "..", ".", "%00", "a%00.py", "a%0A", "%c0%ae%c0%ae/secret", "..%5Csecret",
                           "..%c0%afsecret", "%ff", ".troupe/application.json", ".troupe%2Fapplication.json"}) {
    EXPECT_EQ(status("PUT", at_ + "/files/" + path, "x"), 400u) << path;
    EXPECT_EQ(status("GET", at_ + "/files/" + path), 400u) << path;
    EXPECT_EQ(status("PUT", at_ + "/executable/" + path), 400u) << path;
    EXPECT_GE(status("POST", at_ + "/run/" + path), 400u) << path;
  }
  EXPECT_TRUE(answer("GET", at_)["files"].empty());
  EXPECT_TRUE(actors_.asked().empty());
}

TEST_F(ApplicationRoutesTest, AMarkedScriptRunsByNameAndById) {
  actors_.on_ask = [](const request& what) {
    return what.command == "create_actor" ? make_answer("actor_is_created") : make_answer("task_started", json{{"os_pid", 42}});
  };
  ASSERT_EQ(status("PUT", at_ + "/files/sub/a.py", "1"), 201u);
  const auto refused = call("POST", at_ + "/run/sub/a.py", "{}");
  EXPECT_EQ(refused->response->status, 403u);
  EXPECT_NE(refused->response->body.find("not marked executable"), std::string::npos) << refused->response->body;
  const auto script_id = answer("PUT", at_ + "/executable/sub/a.py").value("id", "");
  EXPECT_EQ(status("PUT", at_ + "/files/sub/a.py", "2"), 204u);
  EXPECT_EQ(answer("GET", at_)["executable"], (json{{"sub/a.py", script_id}}));
  for (const auto& name : {std::string("sub/a.py"), script_id}) {
    const auto sink = call("POST", at_ + "/run/" + name, R"({"params": {"n": 5}, "id": "t-1"})");
    ASSERT_EQ(sink->response->status, 202u) << sink->response->body;
    EXPECT_EQ(sink->response->fields.at(0).value, "/api/v1/tasks/t-1");
    const auto app = (folder_ / "all" / ("App 1-" + id_)).string();
    EXPECT_EQ(actors_.asked().back().body,
              (json{{"id", "t-1"}, {"script", app + "/sub/a.py"}, {"application", app}, {"params", {{"n", 5}}}}));
  }
  EXPECT_EQ(status("POST", at_ + "/run/" + script_id), 202u) << "the params may be left out";
  EXPECT_EQ(status("DELETE", at_ + "/executable/sub/a.py"), 204u);
  EXPECT_EQ(status("DELETE", at_ + "/executable/sub/a.py"), 404u);
  EXPECT_EQ(status("POST", at_ + "/run/" + script_id), 404u);
}

TEST_F(ApplicationRoutesTest, AWrongRunIsRefusedBeforeATaskIsMade) {
  ASSERT_EQ(status("PUT", at_ + "/files/a.py", "1"), 201u);
  ASSERT_EQ(status("PUT", at_ + "/executable/a.py"), 200u);
  for (const char* body : {"[]", "{", "7", R"({"script": "/etc/x.py"})", R"({"command": ["ls"]})", R"({"application": "/"})",
                           R"({"parent": "x"})", R"({"node": 7})", R"({"id": "a/b"})"}) {
    EXPECT_EQ(status("POST", at_ + "/run/a.py", body), 400u) << body;
  }
  EXPECT_EQ(status("POST", at_ + "/run/absent.py"), 404u);
  EXPECT_TRUE(actors_.asked().empty());
}

TEST_F(ApplicationRoutesTest, ABusyDiskIsSaid) {
  background_.is_full = true;
  EXPECT_EQ(status("GET", at_), 503u);
  EXPECT_EQ(status("PUT", at_ + "/files/a", "x"), 503u);
}

TEST_F(SiteTest, ASiteWithoutApplicationsSaysSo) { EXPECT_EQ(status("GET", "/api/v1/applications"), 501u); }

} // namespace
} // namespace troupe
