// Files of applications are read and written beside the server's thread.
#include "tests/system/web_alone/web_fixture.hpp"

#include <filesystem>

namespace troupe {
namespace {

namespace fs = std::filesystem;

class WebApplications : public WebAloneTest {
protected:
  WebApplications() {
    char name[] = "/tmp/troupe-web-applications-XXXXXX";
    folder_ = ::mkdtemp(name);
    applications_folder_ = folder_ / "all";
  }
  ~WebApplications() override {
    door_.reset();
    server_.reset();
    fs::remove_all(folder_);
  }
  std::string create() {
    const auto made = exchange(ask("POST", "/api/v1/applications", R"({"name":"App"})"));
    EXPECT_EQ(made.status, 201) << made.body;
    return "/api/v1/applications/" + json::parse(made.body, nullptr, false).value("id", "");
  }
  fs::path folder_;
};

TEST_F(WebApplications, AnswersComeInTheOrderOfAConnectionsRequests) {
  start();
  const auto at = create();
  auto connection = client();
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += ask("PUT", at + "/files/a.txt", std::to_string(i)) + ask("GET", at + "/files/a.txt");
  }
  connection.send(all);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(connection.read_answer().status, i == 0 ? 201 : 204);
    const auto read = connection.read_answer();
    EXPECT_EQ(read.body, std::to_string(i));
    EXPECT_NE(read.head.find("application/octet-stream"), std::string::npos);
    EXPECT_NE(read.head.find("nosniff"), std::string::npos);
  }
}

TEST_F(WebApplications, ClientsThatLeaveAndAServerThatEndsLeaveWholeFiles) {
  start();
  const auto at = create();
  const std::string content(2u << 20, 'x');
  std::vector<raw_client> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(client());
    clients.back().send(ask("PUT", at + "/files/" + std::to_string(i % 5), content));
    if (i % 2 == 0) {
      clients.pop_back();
    }
  }
  expect_alive();
  door_.reset();
  server_.reset();
  for (const auto& file : fs::directory_iterator(*fs::directory_iterator(folder_ / "all"))) {
    if (file.is_regular_file()) {
      EXPECT_EQ(file.file_size(), content.size()) << file.path();
    }
  }
}

TEST_F(WebApplications, AServerWithoutTheFolderSaysSo) {
  applications_folder_.clear();
  start();
  EXPECT_EQ(exchange(ask("GET", "/api/v1/applications")).status, 501);
}

} // namespace
} // namespace troupe
