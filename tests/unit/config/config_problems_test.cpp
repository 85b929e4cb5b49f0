#include "tests/unit/config/config_files.hpp"

#include "runtime/config/closest_word.hpp"

namespace troupe {
namespace {

TEST_F(ConfigTest, AnUnknownKeyComesWithItsLineAndTheKeyThatWasMeant) {
  given_file("{\n  \"gatway\": {}\n}\n");
  EXPECT_EQ(problem(), "system.json:2: unknown key \"gatway\"; did you mean \"gateway\"?");
}

TEST_F(ConfigTest, AnUnknownInnerKeyIsNamedWithItsPath) {
  given_file("{\n\"gateway\": {\n\n\"prot\": 1}}");
  EXPECT_EQ(problem(), "system.json:4: unknown key \"gateway.prot\"; did you mean \"gateway.port\"?");
}

TEST_F(ConfigTest, AKeyLikeNoOtherListsTheKnownOnes) {
  given_file(R"({"bridge": {"quux_frobnicate": 1}})");
  EXPECT_EQ(problem(), "system.json:1: unknown key \"bridge.quux_frobnicate\"; the keys known here are host, port");
}

TEST_F(ConfigTest, AWrongTypeSaysWhatIsExpectedAndWhatIsThere) {
  given_file("{\n\"gateway\": {\n\"port\": \"9090\"\n}\n}");
  EXPECT_EQ(problem(), "system.json:3: \"gateway.port\" should be a whole number from 0 to 65535, but is the text "
                       "\"9090\"");
}

TEST_F(ConfigTest, ANumberAtALineEndHasItsOwnLine) {
  given_file("{\n\"processes\": [\n1\n,\n{\"name\":\n2\n}]}");
  EXPECT_EQ(problem(), "system.json:3: \"processes[0]\" should be an object {…}, but is the number 1\n"
                       "system.json:5: \"processes[1].name\" should be a text \"…\", but is the number 2");
}

TEST_F(ConfigTest, ANumberOutOfItsRangeIsRefused) {
  for (const auto* port : {"-1", "65536", "1.5", "1e99", "null"}) {
    request_.files.clear();
    given_file(std::string{R"({"gateway": {"port": )"} + port + "}}");
    EXPECT_NE(problem().find("from 0 to 65535, but is "), std::string::npos) << port;
  }
}

TEST_F(ConfigTest, AllProblemsOfAFileAreListedOneALine) {
  given_file("{\n\"host\": \"a.b\",\n\"log\": {\"level\": \"loud\"},\n\"actors\": [{\"name\": \"x\"}]\n}");
  EXPECT_EQ(
    problem(),
    "system.json:2: \"host\" is the text \"a.b\"; use letters, digits, _ and - only, since it becomes a part of "
    "node names\n"
    "system.json:3: \"log.level\" should be \"trace\", \"debug\", \"info\", \"warning\", \"error\" or \"off\", but "
    "is the text \"loud\"\n"
    "system.json:4: \"actors[0]\" has no \"class_desc\"; add it");
}

TEST_F(ConfigTest, AGroupHasActorsOfTheFileAndAnActorOneGroup) {
  given_file("{\n\"actors\": [{\"name\": \"x\", \"class_desc\": {\"requires_dist\": \"p\", \"class\": \"C\"}}],\n"
             "\"groups\": [{\"name\": \"g\", \"actors\": [\"x\", \"y\"]}, {\"name\": \"h\", \"actors\": [\"x\"]}]}");
  EXPECT_EQ(problem(), "system.json:3: the group \"g\" has the actor \"y\", which \"actors\" does not name\n"
                       "system.json:3: the actor \"x\" is in a group twice; an actor has one group");
}

TEST_F(ConfigTest, AKeyGivenTwiceIsRefusedWithBothLines) {
  given_file("{\n\"host\": \"a\",\n\"host\": \"b\"\n}");
  EXPECT_EQ(problem(), "system.json:3: \"host\" is given twice (first in line 2); remove one of them");
}

TEST_F(ConfigTest, BrokenJsonNamesItsLine) {
  given_file("{\n\"host\": \"a\",\n}");
  const auto text = problem();
  EXPECT_EQ(text.find("system.json:3: this is not JSON: "), 0U) << text;
  EXPECT_NE(text.find("is there a comma too many before it?"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

TEST_F(ConfigTest, AnEmptyFileOrAListIsRefused) {
  given_file("");
  EXPECT_EQ(problem().find("system.json:1: this is not JSON: "), 0U) << problem();
  request_.files.clear();
  given_file("[]");
  EXPECT_EQ(problem(), "system.json:1: the document should be an object {…}, but is a list");
}

TEST_F(ConfigTest, ATextWithAZeroCharacterCannotHideBehindIt) {
  given_file(R"({"host": "a\u0000/../b"})");
  EXPECT_EQ(problem(), "system.json:1: \"host\" must not contain the character 0; no path or name can");
}

TEST_F(ConfigTest, EndlessNestingIsRefused) {
  given_file(R"({"start": [{"command": "x", "body": )" + std::string(100'000, '[') + "}]}");
  EXPECT_EQ(problem(), "system.json:1: nested deeper than 64 levels; make it flatter");
}

TEST_F(ConfigTest, CommentsOfBothKindsAreAllowed) {
  given_file("/* a\n b */ {\n// c\n\"host\": \"a\" /* d */ }");
  EXPECT_EQ(load().host, "a");
}

TEST_F(ConfigTest, AMissingFileOrAFolderIsAnIoErrorWithItsPath) {
  request_.files = {folder_ / "missing.json"};
  EXPECT_EQ(
    problem(),
    "cannot read the configuration missing.json: No such file or directory; check the path and its permissions");
  EXPECT_EQ(load_settings(request_).error().code, error_code::io_error);
  request_.files = {folder_};
  EXPECT_NE(problem().find("it is a folder; name a file"), std::string::npos);
}

TEST_F(ConfigTest, WrongEnvironmentAndFlagsAreNamed) {
  request_.environment["TROUPE_GATEWAY_PORT"] = "many";
  request_.flags = {"gatewy.port=1", "host", "log.async=perhaps"};
  EXPECT_EQ(problem(),
            "environment TROUPE_GATEWAY_PORT: \"gateway.port\" should be a whole number from 0 to 65535, but "
            "is the text \"many\"\n"
            "--set gatewy.port=1: unknown key \"gatewy.port\"; did you mean \"gateway.port\"?\n"
            "--set host: give it as key=value, as --set gateway.port=0\n"
            "--set log.async: \"log.async\" should be true or false, but is the text \"perhaps\"");
}

TEST_F(ConfigTest, AnUnknownPathVariableIsRefused) {
  given_file(R"({"state_dir": "${stat}/x"})");
  EXPECT_EQ(problem(), "system.json:1: \"state_dir\": there is no variable ${stat}; use one of ${config_dir}, ${home}, "
                       "${program_dir}, ${state_home}");
}

TEST_F(ConfigTest, NamesGivenTwiceAndASilenceBelowTheBeatAreRefused) {
  given_file(R"({"heartbeat": {"interval_s": 2}, "processes": [{"name": "main"}]})");
  EXPECT_EQ(problem(),
            "system.json:1: \"heartbeat.dead_after_s\" must be more than \"heartbeat.interval_s\", or every process is "
            "judged dead\n"
            "system.json:1: \"processes\" names \"main\" twice; process names are unique on a host");
}

TEST(ClosestWord, FindsWhatWasMeantAndNothingFarAway) {
  EXPECT_EQ(closest_word("prot", {"port", "host"}), "port");
  EXPECT_EQ(closest_word("limit", {"limits", "log"}), "limits");
  EXPECT_EQ(closest_word("zzz", {"port", "host"}), std::nullopt);
  EXPECT_EQ(edit_distance("abc", "abc"), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("ab", "ba"), 1U);
}

} // namespace
} // namespace troupe
