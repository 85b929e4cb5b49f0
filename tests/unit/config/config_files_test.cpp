#include "tests/unit/config/config_files.hpp"

#include "runtime/config/schema_check.hpp"

#include <algorithm>

namespace troupe {
namespace {

namespace fs = std::filesystem;

const fs::path config_dir = TROUPE_CONFIG_DIR;

json read(const fs::path& file) {
  std::ifstream in(file);
  return json::parse(in, nullptr, true, true);
}

json::json_pointer pointer_to(std::string path) {
  std::ranges::replace(path, '.', '/');
  return json::json_pointer("/" + path);
}

TEST(ConfigFiles, TheSchemaInTheProgramIsTheOneInTheFolder) {
  EXPECT_EQ(settings_schema(), read(config_dir / "schema.json"));
}

TEST(ConfigFiles, EverySettingOfTheSchemaHasTheDefaultOfTheStruct) {
  const auto defaults = settings_to_json(settings{});
  for (const auto& leaf : schema_leaves(settings_schema())) {
    ASSERT_TRUE(leaf.schema->contains("default")) << leaf.path;
    ASSERT_TRUE(defaults.contains(pointer_to(leaf.path))) << leaf.path << " is in the schema, but not in the struct";
    EXPECT_EQ(defaults[pointer_to(leaf.path)], (*leaf.schema)["default"]) << leaf.path;
  }
}

TEST(ConfigFiles, EverySettingOfTheStructIsInTheSchema) {
  std::vector<config_problem> problems;
  check_schema(settings_schema(), settings_to_json(settings{}), "", problems);
  for (const auto& problem : problems) {
    ADD_FAILURE() << problem.text;
  }
}

TEST(ConfigFiles, TheExampleNamesEverySettingWithItsDefault) {
  const auto example = read(config_dir / "example.json");
  for (const auto& leaf : schema_leaves(settings_schema())) {
    ASSERT_TRUE(example.contains(pointer_to(leaf.path))) << leaf.path;
    const auto& value = example[pointer_to(leaf.path)];
    if (leaf.schema->contains("items") && (*leaf.schema)["items"].contains("properties")) {
      for (const auto& [key, unused] : (*leaf.schema)["items"]["properties"].items()) {
        EXPECT_TRUE(std::ranges::any_of(value, [&](const json& one) { return one.contains(key); }))
          << leaf.path << "[]." << key << " is not shown";
      }
    } else {
      EXPECT_EQ(value, (*leaf.schema)["default"]) << leaf.path;
    }
  }
}

TEST(ConfigFiles, EverySettingIsDescribedInTheSchema) {
  for (const auto& leaf : schema_leaves(settings_schema())) {
    EXPECT_GT(leaf.schema->value("description", "").size(), 8U) << leaf.path;
  }
}

TEST(ConfigFiles, DefaultAndExampleAreAccepted) {
  for (const auto* name : {"default.json", "example.json"}) {
    load_request request;
    request.files = {config_dir / name};
    request.program_dir = "/opt/troupe/bin";
    request.current_dir = "/";
    const auto loaded = load_settings(request);
    ASSERT_TRUE(loaded) << loaded.error().text;
    EXPECT_EQ(loaded->gateway.port, 9090);
    EXPECT_EQ(loaded->main_node(), "first.main.admin");
    EXPECT_EQ(loaded->folders.packages.front(), "/opt/troupe/packages");
  }
}

} // namespace
} // namespace troupe
