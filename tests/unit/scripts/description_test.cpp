#include "web/script_server/run_routes.hpp"
#include "web/script_server/script_routes.hpp"

#include "tests/unit/web/fake_door.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

namespace troupe {
namespace {

struct no_timer final : web_timer {
  void after(std::chrono::milliseconds, std::function<void()>) override {}
};

/// `METHOD path` of everything below `paths:`, in the block style of the file.
std::set<std::string> described() {
  std::ifstream yaml(std::string(TROUPE_SOURCE_DIR) + "/web/script_server/openapi.yaml");
  std::set<std::string> out;
  bool inside = false;
  std::string path;
  for (std::string line; std::getline(yaml, line);) {
    if (!line.empty() && line[0] != ' ') {
      inside = line == "paths:";
    } else if (inside && line.starts_with("  /")) {
      path = line.substr(2, line.size() - 3);
    } else if (inside && line.starts_with("    ") && line[4] != ' ') {
      std::string method = line.substr(4, line.size() - 5);
      for (auto& c : method) {
        c = static_cast<char>(std::toupper(c));
      }
      out.insert(method + " " + path);
    }
  }
  return out;
}

TEST(ScriptServerDescriptionTest, TheDescriptionAndTheRoutesNameTheSamePathsAndMethods) {
  fake_door actors;
  steady_access_clock clock;
  access_keeper access{"t", clock};
  no_timer timer;
  web_counters counters;
  const script_store store("/nonexistent");
  script_shelf shelf(store, false);
  result_cache cache({});
  run_queue queue({});
  script_world world{web_world{actors, access, timer, counters}, {}, store, shelf, cache, queue};
  script_runs runs(world);
  route_table table;
  script_routes(world).add_to(table);
  run_routes(world, runs).add_to(table);
  std::set<std::string> routes;
  for (const auto& each : table.all()) {
    routes.insert(each.method + " " + each.pattern);
  }
  EXPECT_EQ(described(), routes);
}

} // namespace
} // namespace troupe
