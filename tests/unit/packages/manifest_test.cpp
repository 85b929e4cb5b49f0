#include "runtime/packages/manifest.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

const std::string hash(64, 'a');

json good() {
  return json{{"format", 1},
              {"name", "birds"},
              {"version", "1.2.0"},
              {"abi", "tag"},
              {"library", "birds.so"},
              {"files", json{{"birds.so", hash}, {"data/eggs.txt", hash}}},
              {"classes", json::array({json{{"name", "Wren"}, {"doc", "Small."}}, json{{"name", "Auk"}}})},
              {"requirements", json::array({"nests >=1"})},
              {"isolation", "process"}};
}

std::string refusal(const json& document) {
  const auto parsed = parse_manifest(document.dump());
  return parsed ? "none" : parsed.error().text;
}

TEST(Manifest, SaysWhatAPackageIs) {
  const auto parsed = parse_manifest(good().dump());
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(parsed->name, "birds");
  EXPECT_EQ(parsed->number.to_string(), "1.2.0");
  EXPECT_EQ(parsed->files.at("data/eggs.txt"), hash);
  EXPECT_TRUE(parsed->one_version_per_process);
  EXPECT_EQ(parsed->classes.front().name, "Auk");
}

TEST(Manifest, RefusesPathsThatLeaveTheFolder) {
  for (const char* path : {"../birds.so", "/etc/passwd", "a/../b", "a//b", "", ".", "./a", "a/", ".hidden", "a\\b",
                           "a\nb", "manifest.json"}) {
    auto document = good();
    document["files"][path] = hash;
    EXPECT_NE(refusal(document).find("files"), std::string::npos) << path;
  }
}

TEST(Manifest, NamesTheFieldThatIsWrong) {
  const std::vector<std::pair<std::string, json>> wrong{{"format", 2},
                                                        {"name", "a/b"},
                                                        {"name", nullptr},
                                                        {"version", "new"},
                                                        {"abi", ""},
                                                        {"library", "other.so"},
                                                        {"files", "none"},
                                                        {"files", {{"a", 1}}},
                                                        {"classes", json::array()},
                                                        {"classes", {1}},
                                                        {"isolation", "thread"},
                                                        {"requirements", "x"},
                                                        {"requirements", {"x[y]"}}};
  for (const auto& [field, value] : wrong) {
    auto document = good();
    document[field] = value;
    EXPECT_NE(refusal(document).find("\"" + field), std::string::npos)
      << field << " = " << value << ": " << refusal(document);
  }
}

TEST(Manifest, SurvivesTextThatIsNoManifest) {
  for (const std::string& text :
       {std::string{}, std::string{"[]"}, std::string{"{\"format\":1"}, std::string(100000, '['),
        std::string{"{\"name\":\"\xff\"}"}, std::string(1000, '\0')}) {
    EXPECT_FALSE(parse_manifest(text));
  }
}

} // namespace
} // namespace troupe
