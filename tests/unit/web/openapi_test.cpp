#include "tests/unit/web/site_fixture.hpp"
#include "web/console/pages.hpp"

#include <fstream>
#include <set>
#include <sstream>

namespace troupe {
namespace {

/// `METHOD path` of everything below `paths:`. Reads the block style that web/openapi.yaml is written in: a path at two
/// spaces, a method at four.
std::set<std::string> described(std::istream& yaml) {
  std::set<std::string> out;
  bool inside = false;
  std::string path;
  for (std::string line; std::getline(yaml, line);) {
    if (!line.empty() && line[0] != ' ') {
      inside = line == "paths:";
    } else if (inside && line.starts_with("  /") && line.ends_with(":")) {
      path = line.substr(2, line.size() - 3);
    } else if (inside && line.starts_with("    ") && line[4] != ' ' && line.ends_with(":")) {
      std::string method = line.substr(4, line.size() - 5);
      for (auto& c : method) {
        c = static_cast<char>(std::toupper(c));
      }
      if (method != "PARAMETERS") {
        out.insert(method + " " + path);
      }
    }
  }
  return out;
}

std::string read_source(const std::string& name) {
  std::ifstream file(std::string(TROUPE_SOURCE_DIR) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_F(SiteTest, TheDescriptionAndTheRoutesNameTheSamePathsAndMethods) {
  std::istringstream yaml{std::string(openapi_description())};
  std::set<std::string> routes;
  for (const auto& each : site_->routes().all()) {
    EXPECT_TRUE(routes.insert(each.method + " " + each.pattern).second) << "twice: " << each.pattern;
  }
  EXPECT_EQ(described(yaml), routes);
}

TEST_F(SiteTest, TheDescriptionSaysWhichRoutesNeedNoLogin) {
  std::istringstream yaml{std::string(openapi_description())};
  std::string method;
  std::string path;
  std::set<std::string> open;
  for (std::string line; std::getline(yaml, line);) {
    if (line.starts_with("  /")) {
      path = line.substr(2, line.size() - 3);
    } else if (line.starts_with("    ") && line.size() > 4 && line[4] != ' ') {
      method = line.substr(4, line.size() - 5);
    } else if (line == "      security: []") {
      open.insert(method + " " + path);
    }
  }
  for (const auto& each : site_->routes().all()) {
    std::string lower = each.method;
    for (auto& c : lower) {
      c = static_cast<char>(std::tolower(c));
    }
    EXPECT_EQ(open.contains(lower + " " + each.pattern), each.access == route_access::everybody) << each.pattern;
  }
}

TEST(PagesTest, AreTheFilesOfTheSourceTree) {
  EXPECT_EQ(console_page(), read_source("web/console/console.html"));
  EXPECT_EQ(tasks_page(), read_source("web/console/tasks.html"));
  EXPECT_EQ(login_page(), read_source("web/console/login.html"));
  EXPECT_EQ(console_icon(), read_source("web/console/icon.svg"));
  EXPECT_EQ(openapi_description(), read_source("web/openapi.yaml"));
}

TEST(PagesTest, HaveTheElementsThatAutomationReliesOn) {
  for (const char* id : {"command", "body", "timeout", "recipient", "ask", "send", "answer", "title", "members", "pager"}) {
    EXPECT_NE(console_page().find("id=\"" + std::string(id) + "\""), std::string::npos) << id;
  }
  for (const char* label : {"Команда", "Тело", "Таймаут", "Получатель", "Ответ сервера", "next_level"}) {
    EXPECT_NE(console_page().find(label), std::string::npos) << label;
  }
  EXPECT_EQ(console_page().find("innerHTML"), std::string::npos);
}

} // namespace
} // namespace troupe
