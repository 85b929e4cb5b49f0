#include "runtime/store/run_reader.hpp"
#include "tests/unit/store/store_folder.hpp"

using namespace troupe;

namespace {

run_row accepted(const std::string& id, const std::string& parent = "") {
  run_row row;
  row.id = id;
  row.name = "task_" + id;
  row.parent = parent;
  row.who = "first.main.admin";
  row.script = "/apps/a/" + id + ".py";
  row.node = "first.main.admin";
  row.state = "accepted";
  row.accepted_at = "2026-01-02T03:04:05.000Z";
  row.folder = "/runs/" + id;
  row.facts = {{"id", id}, {"params", {{"n", 1}}}};
  row.request = {{"script", row.script}};
  return row;
}

run_row ended(const std::string& id, const std::string& at, std::uint64_t kept = 0, const std::string& parent = "") {
  auto row = accepted(id, parent);
  row.state = "failed";
  row.stage = run_stage::over;
  row.started_at = row.accepted_at;
  row.ended_at = at;
  row.exit_code = 7;
  row.peak_memory = 1u << 20;
  row.stdout_bytes = row.kept_bytes = kept;
  return row;
}

std::vector<std::string> ids_of(const std::vector<run_row>& rows) {
  std::vector<std::string> ids;
  for (const auto& row : rows) {
    ids.push_back(row.id);
  }
  return ids;
}

using ids = std::vector<std::string>;

class RunHistory : public testing::Test {
protected:
  void put(const run_row& row) {
    opened_.store->put_run(row);
    ASSERT_TRUE(flushed(*opened_.store));
  }
  run_row found(const std::string& id) { return reader_.find(id).value().value_or(run_row{}); }

  store_folder folder_;
  sqlite_store::opened opened_ = folder_.open();
  run_reader reader_{folder_.file()};
};

TEST_F(RunHistory, ARunComesBackAsItWasWritten) {
  put(accepted("a"));
  auto row = ended("a", "2026-01-02T04:00:00.000Z", 12);
  put(row);
  row.number = 1;
  EXPECT_EQ(found("a"), row);
  EXPECT_EQ(found("none"), run_row{});
}

TEST_F(RunHistory, AnEndIsFinalAndOldNewsChangeNothing) {
  auto running = accepted("a");
  running.state = "running";
  running.stage = run_stage::running;
  put(running);
  put(accepted("a"));
  EXPECT_EQ(found("a").state, "running");
  put(ended("a", "2026-01-02T04:00:00.000Z"));
  put(running);
  auto lost = ended("a", "2026-01-02T05:00:00.000Z");
  lost.state = "lost";
  put(lost);
  EXPECT_EQ(found("a").state, "failed");
}

TEST_F(RunHistory, RunsSurviveAnOrderlyEndAndACrash) {
  put(accepted("a"));
  opened_.store.reset(); // as a crash: no clean end
  opened_ = folder_.open();
  EXPECT_EQ(found("a").state, "accepted");
  opened_.store->set_clean_end();
  opened_.store.reset();
  opened_ = folder_.open();
  EXPECT_EQ(found("a").state, "accepted");
}

TEST_F(RunHistory, AListIsFilteredAndReadInPages) {
  for (int i = 0; i < 10; ++i) {
    auto row = i % 2 == 0 ? accepted(std::to_string(i)) : ended(std::to_string(i), "2026-01-02T04:00:00.000Z");
    row.accepted_at = "2026-01-02T03:00:0" + std::to_string(i) + ".000Z";
    put(row);
  }
  run_query what;
  what.limit = 4;
  auto page = reader_.list(what).value();
  EXPECT_EQ(ids_of(page), (ids{"9", "8", "7", "6"}));
  what.before = page.back().number;
  EXPECT_EQ(ids_of(reader_.list(what).value()), (ids{"5", "4", "3", "2"}));
  EXPECT_EQ(ids_of(reader_.list({"failed", "", "", 0, 2}).value()), (ids{"9", "7"}));
  EXPECT_EQ(ids_of(reader_.list({"active", "", "2026-01-02T03:00:05.000Z", 0, 9}).value()), (ids{"8", "6"}));
  EXPECT_EQ(ids_of(reader_.list({"ended", "a/3.py", "", 0, 9}).value()), (ids{"3"}));
  EXPECT_EQ(ids_of(reader_.list({"", "/apps/a/4.py", "", 0, 9}).value()), (ids{"4"}));
  EXPECT_TRUE(reader_.list({"", "py", "", 0, 9}).value().empty()) << "only whole names";
  EXPECT_TRUE(reader_.list({"' OR 1 --", "", "", 0, 9}).value().empty());
}

TEST_F(RunHistory, ATreeHasParentsBeforeTheirChildren) {
  put(accepted("root"));
  put(accepted("other"));
  put(accepted("grandchild", "child"));
  put(accepted("child", "root"));
  EXPECT_EQ(ids_of(reader_.tree("root", 100).value()), (ids{"root", "child", "grandchild"}));
  EXPECT_EQ(ids_of(reader_.tree("none", 100).value()), ids{});
}

TEST_F(RunHistory, AnActorIsNeedlessAfterItsTimeOrWhenThereAreMany) {
  put(ended("p", "2026-01-01T00:00:00.000Z"));
  put(ended("c", "2026-01-02T00:00:00.000Z", 0, "p"));
  put(ended("d", "2026-01-03T00:00:00.000Z"));
  put(accepted("e"));
  EXPECT_EQ(ids_of(reader_.with_needless_actors("2026-01-02T12:00:00.000Z", 10, 9).value()), (ids{"c"})) << "children first";
  EXPECT_EQ(ids_of(reader_.with_needless_actors("", 0, 9).value()), (ids{"c"})) << "the newest end stays";
  opened_.store->note_no_actors({"c"});
  EXPECT_TRUE(flushed(*opened_.store));
  EXPECT_EQ(ids_of(reader_.with_needless_actors("2026-01-02T12:00:00.000Z", 10, 9).value()), (ids{"p"}));
}

TEST_F(RunHistory, OldRunsAndTooMuchOutputAreFound) {
  for (int i = 1; i <= 5; ++i) {
    put(ended(std::to_string(i), "2026-01-0" + std::to_string(i) + "T00:00:00.000Z", 100));
  }
  run_bounds bounds;
  EXPECT_EQ(reader_.outdated(bounds, 9).value(), ids{});
  bounds = {"2026-01-03T00:00:00.000Z", 0, 250};
  EXPECT_EQ(reader_.outdated(bounds, 9).value(), ids{}) << "they have actors";
  opened_.store->note_no_actors({"1", "2", "3", "4", "5"});
  EXPECT_TRUE(flushed(*opened_.store));
  EXPECT_EQ(reader_.outdated(bounds, 9).value(), (ids{"1", "2"}));
  bounds.oldest.clear();
  bounds.most_runs = 2;
  EXPECT_EQ(reader_.outdated(bounds, 9).value(), (ids{"1", "2", "3"}));
  auto rich = reader_.with_too_much_output(bounds, 9).value();
  std::ranges::sort(rich);
  EXPECT_EQ(rich, (ids{"1", "2", "3"}));
  opened_.store->note_no_output(rich);
  opened_.store->drop_runs({"1"});
  EXPECT_TRUE(flushed(*opened_.store));
  EXPECT_EQ(reader_.with_too_much_output(bounds, 9).value(), ids{});
  EXPECT_EQ(found("1"), run_row{});
  EXPECT_FALSE(found("2").has_output);
}

} // namespace
