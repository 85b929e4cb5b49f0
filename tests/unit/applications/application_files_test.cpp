#include "tests/unit/applications/applications_fixture.hpp"

#include <runtime/applications/application_json.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

TEST_F(Applications, AWriterWithAnOldVersionIsRefusedAndLearnsThePresentOne) {
  const auto id = create();
  const auto first = store_().write_file(id, "a.py", "1", {"", true});
  ASSERT_TRUE(first && !first->is_stale);
  EXPECT_EQ(first->version, content_version("1"));
  EXPECT_TRUE(store_().write_file(id, "a.py", "x", {"", true})->is_stale) << "it is there by now";
  EXPECT_FALSE(store_().write_file(id, "a.py", "2", {first->version, false})->is_stale);
  const auto late = store_().write_file(id, "a.py", "3", {first->version, false});
  EXPECT_TRUE(late->is_stale);
  EXPECT_EQ(late->version, content_version("2"));
  EXPECT_EQ(store_().read_file(id, "a.py"), "2");
  EXPECT_TRUE(store_().write_file(id, "absent", "x", {"*", false})->is_stale);
  EXPECT_TRUE(store_().remove_path(id, "a.py", false, {first->version, false})->is_stale);
  EXPECT_FALSE(store_().remove_path(id, "a.py", false, {content_version("2"), false})->is_stale);
  EXPECT_EQ(store_().read_file(id, "a.py").error().code, error_code::not_found);
}

TEST_F(Applications, OfManyEditorsOfOneVersionOneWins) {
  const auto id = create();
  write(id, "a.txt", "start");
  std::atomic<int> won{0};
  std::vector<std::thread> editors;
  for (int i = 0; i < 8; ++i) {
    editors.emplace_back([&, i] {
      const auto done = store_().write_file(id, "a.txt", "by " + std::to_string(i), {content_version("start"), false});
      won += done && !done->is_stale;
    });
  }
  for (auto& each : editors) {
    each.join();
  }
  EXPECT_EQ(won, 1);
}

TEST_F(Applications, MarksAndHandlersFollowMovesOfScriptsAndFolders) {
  const auto id = create();
  write(id, "lib/a.py", "1");
  write(id, "lib/deep/b.py", "2");
  const auto a = store_().mark(id, "lib/a.py");
  const auto b = store_().mark(id, "lib/deep/b.py");
  ASSERT_TRUE(store_().change_settings(id, {{"static_folder", "lib/deep"}, {"handlers", {{"h", {{"script", "lib/a.py"}}}}}}));
  ASSERT_TRUE(store_().move_path(id, "lib", "src"));
  auto facts = *store_().get(id);
  EXPECT_EQ(facts.marks, (std::map<std::string, std::string>{{"src/a.py", *a}, {"src/deep/b.py", *b}}));
  EXPECT_EQ(facts.settings.handlers.at("h").script, "src/a.py");
  EXPECT_EQ(facts.settings.static_folder, "src/deep");
  ASSERT_TRUE(store_().move_path(id, "src/a.py", "new/name.py"));
  EXPECT_EQ(store_().find_script(id, *a)->path, "new/name.py");
  EXPECT_EQ(store_().move_path(id, "new/name.py", "new/name.txt").error().code, error_code::bad_request) << "it is marked";
  EXPECT_EQ(store_().move_path(id, "src/deep/b.py", "new/name.py").error().code, error_code::conflict);
  EXPECT_EQ(store_().move_path(id, "absent", "x").error().code, error_code::not_found);
  EXPECT_EQ(store_().move_path(id, "src", "src/deep/x").error().code, error_code::conflict);
  ASSERT_TRUE(store_().remove_path(id, "src", true));
  EXPECT_EQ(store_().get(id)->marks.size(), 1u);
}

TEST_F(Applications, AMoveThatWasCutOffIsSettledByWhatIsThere) {
  for (const bool happened : {false, true}) {
    const auto id = create();
    write(id, "a.py", "1");
    const auto script = *store_().mark(id, "a.py");
    const auto meta = folder_of(id) / ".troupe/application.json";
    auto text = json::parse(content_of(meta));
    text["moving"] = {{"from", "a.py"}, {"to", "b.py"}};
    std::ofstream(meta) << text.dump();
    if (happened) {
      fs::rename(folder_of(id) / "a.py", folder_of(id) / "b.py");
    }
    EXPECT_EQ(store_().find_script(id, script)->path, happened ? "b.py" : "a.py");
    write(id, "a.py", "another one");
    EXPECT_EQ(store_().find_script(id, script)->path, happened ? "b.py" : "a.py") << "what is written later changes nothing";
    EXPECT_FALSE(json::parse(content_of(meta)).contains("moving"));
  }
}

TEST_F(Applications, FoldersAreMadeListedAndRemoved) {
  const auto id = create();
  ASSERT_TRUE(store_().make_folder(id, "one/two"));
  EXPECT_EQ(store_().make_folder(id, "one/two").error().code, error_code::conflict);
  write(id, "one/f", "x");
  EXPECT_EQ(store_().files(id)->folders, (std::vector<std::string>{"one", "one/two"}));
  EXPECT_EQ(listing_to_json(*store_().files(id), "one")["folders"], json::array({"one/two"}));
  EXPECT_EQ(store_().remove_path(id, "one", false).error().code, error_code::conflict) << "it is not empty";
  EXPECT_TRUE(store_().remove_path(id, "one/two", false));
  fs::create_symlink(folder_ / "outside.py", folder_of(id) / "one/link.py");
  EXPECT_TRUE(store_().remove_path(id, "one", true));
  EXPECT_TRUE(store_().files(id)->folders.empty());
  EXPECT_EQ(content_of(folder_ / "outside.py"), "secret") << "a link is removed, not what it names";
}

TEST_F(Applications, SettingsAreTakenWholeOrNotAtAll) {
  const auto id = create("Old");
  write(id, "a.py", "1");
  for (const json& wrong : std::initializer_list<json>{
         {{"static_folder", "../x"}}, {{"static_folder", ".troupe"}}, {{"public", "yes"}}, {{"params", 7}}, {{"name", "a/b"}},
         {{"name", nullptr}}, {{"handlers", {{"h", {{"script", "/etc/x.py"}}}}}}, {{"handlers", {{"h", {{"mode", "x"}}}}}},
         {{"handlers", {{"a/b", {{"script", "a.py"}}}}}}, {{"handlers", {{"h", {{"script", "a.py"}, {"timeout_s", 0}}}}}},
         {{"unknown", 1}}, {{"public", true}, {"params", 7}}}) {
    EXPECT_EQ(store_().change_settings(id, wrong).error().code, error_code::bad_request) << wrong;
  }
  const json handler{{"handlers", {{"h", {{"script", "a.py"}}}}}};
  EXPECT_EQ(store_().change_settings(id, handler).error().code, error_code::access_denied) << "its script is not marked";
  EXPECT_FALSE(store_().get(id)->settings.is_public);
  ASSERT_TRUE(store_().mark(id, "a.py"));
  ASSERT_TRUE(store_().change_settings(id, handler));
  const auto changed = store_().change_settings(id, {{"name", "New"}, {"public", true}, {"static_folder", "/"}, {"params", {{"n", 1}}}});
  ASSERT_TRUE(changed) << changed.error().text;
  EXPECT_EQ(changed->name, "New");
  EXPECT_EQ(fs::path(changed->folder).filename(), "Old-" + id) << "what runs keeps its folder";
  EXPECT_EQ(changed->settings.handlers.size(), 1u) << "what is not named stays";
  EXPECT_EQ(store_().find_script(id, "a.py")->params, (json{{"n", 1}}));
}

TEST_F(Applications, ARemovedApplicationIsGoneWithItsFiles) {
  const auto id = create();
  const auto other = create();
  write(id, "a/b/c", "1");
  fs::create_symlink(folder_ / "applications", folder_of(id) / "up");
  const auto folder = folder_of(id);
  ASSERT_TRUE(store_().remove(id));
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_EQ(store_().remove(id).error().code, error_code::not_found);
  EXPECT_EQ(store_().list()->size(), 1u);
  EXPECT_TRUE(store_().get(other));
}

} // namespace
} // namespace troupe
