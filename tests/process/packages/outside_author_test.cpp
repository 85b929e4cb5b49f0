#include "runtime/package_template/package_template.hpp"
#include "runtime/packages/package_class_source.hpp"
#include "runtime/packages/package_index.hpp"
#include "tests/process/packages/outside_build.hpp"

#include <troupe/package.hpp>

#include <gtest/gtest.h>

#include <fstream>

namespace troupe {
namespace {

TEST(OutsideAuthor, BuildsWhatPkgNewWrote) {
  outside_build author;
  const auto files = package_project({.name = "my-birds", .sdk = TROUPE_TEST_SDK});
  ASSERT_TRUE(files);
  ASSERT_TRUE(write_project(author.source(), *files));
  ASSERT_TRUE(author.build()) << author.output;
  EXPECT_EQ(author.output.find("warning"), std::string::npos) << author.output;
  EXPECT_TRUE(author.run(TROUPE_TEST_CMAKE " --build " + (author.root() / "build").string() + " --target test"))
    << author.output;
  ASSERT_TRUE(author.run(TROUPE_TEST_CMAKE " --install " + (author.root() / "build").string() + " --prefix " +
                         (author.root() / "installed").string()))
    << author.output;

  package_class_source source({{author.root() / "installed"}, {}, "0.1.0", {}});
  const auto got = source.obtain({"my_birds", "Greeter"});
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->package, "my-birds");
  const auto who = got->info->make();
  const message question({.command = "greet", .body = {{"name", "Wren"}}});
  const auto answer = std::get<reply>(got->info->commands.at("greet").handle(*who, question));
  EXPECT_EQ(answer.command(), "greeted");
  EXPECT_EQ(answer.body()["text"], "Hello, Wren!");
}

constexpr auto one_class = R"(#include <troupe/package.hpp>
struct bird : troupe::actor {
  static void describe(troupe::class_builder<bird>&) {}
};
TROUPE_PACKAGE(package) { package.add<bird>("Bird"); }
)";

std::string project(const std::string& arguments) {
  return "cmake_minimum_required(VERSION 3.25)\nproject(birds LANGUAGES CXX)\nfind_package(Troupe REQUIRED CONFIG)\n"
         "troupe_package(birds " +
         arguments + ")\n";
}

TEST(OutsideAuthor, GetsAllFactsIntoTheManifest) {
  outside_build author;
  author.write("birds.cpp", one_class);
  author.write("songs.txt", "tweet\n");
  author.write("CMakeLists.txt",
               project("VERSION 1.2.0rc1 SOURCES birds.cpp CLASSES Bird FILES songs.txt ISOLATION process\n"
                       "  REQUIRES \"nests >=1, <2\" twigs DESCRIPTION \"Birds, \\\"all\\\" of them\\\\\""));
  ASSERT_TRUE(author.build()) << author.output;
  const auto all = list_packages({author.packages()}, TROUPE_ABI_TAG, true);
  ASSERT_EQ(all.size(), 1u);
  const auto& facts = all[0].facts;
  EXPECT_EQ(all[0].problem, "");
  EXPECT_EQ(facts.number.to_string(), "1.2.0rc1");
  EXPECT_EQ(facts.description, "Birds, \"all\" of them\\");
  EXPECT_EQ(facts.requirements, (std::vector<std::string>{"nests >=1, <2", "twigs"}));
  EXPECT_TRUE(facts.one_version_per_process);
  EXPECT_EQ(facts.files.size(), 2u);

  // A changed data file reaches the package although no source changed.
  author.write("songs.txt", "tweet, tweet\n");
  ASSERT_TRUE(author.build()) << author.output;
  const auto again = list_packages({author.packages()}, TROUPE_ABI_TAG, true);
  EXPECT_EQ(again[0].problem, "");
  EXPECT_NE(again[0].facts.files.at("songs.txt"), facts.files.at("songs.txt"));
}

TEST(OutsideAuthor, IsToldThatTheClassesAreOthersThanDeclared) {
  outside_build author;
  author.write("birds.cpp", one_class);
  author.write("CMakeLists.txt", project("VERSION 1.0 SOURCES birds.cpp CLASSES Bird Egg"));
  EXPECT_FALSE(author.build());
  EXPECT_NE(author.output.find("CLASSES of troupe_package says Bird, Egg"), std::string::npos) << author.output;
  EXPECT_TRUE(list_packages({author.packages()}, TROUPE_ABI_TAG, false).empty());
}

TEST(OutsideAuthor, IsToldThatAFunctionIsMissingWhenLinking) {
  outside_build author;
  author.write("birds.cpp", std::string("void nowhere();\nvoid call() { nowhere(); }\n") + one_class);
  author.write("CMakeLists.txt", project("VERSION 1.0 SOURCES birds.cpp CLASSES Bird"));
  EXPECT_FALSE(author.build());
  EXPECT_NE(author.output.find("nowhere"), std::string::npos) << author.output;
}

TEST(OutsideAuthor, IsToldWhichArgumentIsWrong) {
  for (const auto& [arguments, words] : std::vector<std::pair<std::string, std::string>>{
         {"SOURCES birds.cpp CLASSES Bird", "VERSION is missing"},
         {"VERSION new SOURCES birds.cpp CLASSES Bird", "VERSION new is not"},
         {"VERSION 1.0 SOURCES birds.cpp CLASSES Bird ISOLATION thread", "ISOLATION is 'process'"}}) {
    outside_build author;
    author.write("birds.cpp", one_class);
    author.write("CMakeLists.txt", project(arguments));
    EXPECT_FALSE(author.build());
    EXPECT_NE(author.output.find(words), std::string::npos) << author.output;
  }
}

TEST(OutsideAuthor, WithAnotherSdkIsFoundOutByTheLibraryTooIfTheManifestLies) {
  outside_build author;
  author.write("birds.cpp",
               "#include <troupe/package.hpp>\n#undef TROUPE_ABI_TAG\n#define TROUPE_ABI_TAG \"troupe-0-old\"\n" +
                 std::string(one_class));
  author.write("CMakeLists.txt", project("VERSION 1.0 SOURCES birds.cpp CLASSES Bird"));
  ASSERT_TRUE(author.build()) << author.output;
  package_class_source source({{author.packages()}, {}, "0.1.0", {}});
  const auto honest = source.obtain({"birds", "Bird"});
  ASSERT_FALSE(honest);
  EXPECT_NE(honest.error().text.find("was built for troupe-0-old"), std::string::npos) << honest.error().text;

  const auto manifest = author.packages() / "birds-1.0" / "manifest.json";
  auto facts = json::parse(std::ifstream(manifest));
  facts["abi"] = TROUPE_ABI_TAG;
  std::ofstream(manifest) << facts;
  const auto lying = source.obtain({"birds", "Bird"});
  ASSERT_FALSE(lying);
  EXPECT_NE(lying.error().text.find("birds.so: it was built for troupe-0-old"), std::string::npos)
    << lying.error().text;
}

TEST(OutsideAuthor, WhoseTableThrowsGetsAFailedBuildAndNoCrash) {
  outside_build author;
  author.write("birds.cpp", "#include <troupe/package.hpp>\n#include <stdexcept>\n"
                            "TROUPE_PACKAGE(package) { (void)package; throw std::runtime_error(\"no\"); }\n");
  author.write("CMakeLists.txt", project("VERSION 1.0 SOURCES birds.cpp CLASSES Bird"));
  EXPECT_FALSE(author.build());
  EXPECT_NE(author.output.find("threw an exception"), std::string::npos) << author.output;
}

} // namespace
} // namespace troupe
