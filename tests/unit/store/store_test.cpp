#include "tests/unit/store/store_folder.hpp"

#include <fstream>

#include <sys/stat.h>

using namespace troupe;

namespace {

const std::vector<std::uint8_t> first_state{1, 2, 3};
const std::vector<std::uint8_t> second_state{0, 255, 7, 9};

process_row process(const std::string& name) {
  process_row row;
  row.node = "first." + name + ".admin";
  row.incarnation = 0xfffffff0u;
  row.pid = 4711;
  return row;
}

kind_row kind(std::uint32_t number, bool persist = false) {
  return {number, json{{"requires_dist", "a >=1"}, {"class", "B"}}, json{{"on_failure", "restart"}}, persist};
}

} // namespace

TEST(Store, ANewOneIsEmptyAndInOrder) {
  store_folder folder;
  const auto all = folder.content();
  EXPECT_TRUE(all.clean_end);
  EXPECT_FALSE(all.booted);
  EXPECT_TRUE(all.processes.empty() && all.actors.empty() && all.kinds.empty());
}

TEST(Store, WhatWasPutComesBackAfterACrash) {
  store_folder folder;
  auto row = process("p");
  row.permanent = false;
  row.declared = row.numbered = true;
  row.restarts = 3;
  {
    auto made = folder.open();
    made.store->put_process(process("p"));
    made.store->put_process(row);
    made.store->put_kind(kind(7));
    made.store->put_actors({"a", "b", "\xc3\xa4 name"}, row.node, 7);
    made.store->keep_checkpoint("a", first_state);
    made.store->keep_checkpoint("a", second_state);
    made.store->set_next_number(12);
    made.store->set_booted();
    EXPECT_TRUE(flushed(*made.store));
  }
  const auto all = folder.content();
  EXPECT_FALSE(all.clean_end);
  EXPECT_TRUE(all.booted);
  EXPECT_EQ(all.next_number, 12u);
  EXPECT_EQ(all.processes, std::vector{row});
  EXPECT_EQ(all.kinds, std::vector{kind(7)});
  EXPECT_EQ(all.actors, (std::vector<actor_row>{
                          {"a", row.node, 7, second_state}, {"b", row.node, 7, {}}, {"\xc3\xa4 name", row.node, 7, {}}}));
}

TEST(Store, WhatWasDroppedDoesNotComeBack) {
  store_folder folder;
  {
    auto made = folder.open();
    made.store->put_kind(kind(1));
    for (const auto* name : {"p", "q"}) {
      made.store->put_process(process(name));
    }
    made.store->put_actors({"a", "b", "c"}, "first.p.admin", 1);
    made.store->put_actors({"d", "e"}, "first.q.admin", 1);
    made.store->keep_checkpoint("a", first_state);
    made.store->keep_checkpoint("b", first_state);
    EXPECT_TRUE(flushed(*made.store));
    made.store->move_actor("b", "first.q.admin");
    made.store->move_actor("e", "first.p.admin");
    made.store->drop_actors({"d"});
    made.store->drop_process("first.p.admin");
  }
  const auto all = folder.content();
  ASSERT_EQ(all.processes.size(), 1u);
  EXPECT_EQ(all.processes[0].node, "first.q.admin");
  EXPECT_EQ(all.actors, (std::vector<actor_row>{{"b", "first.q.admin", 1, first_state}}));
}

TEST(Store, ANameThatIsUsedAgainDoesNotGetTheOldCheckpoint) {
  store_folder folder;
  {
    auto made = folder.open();
    made.store->put_actors({"a", "b"}, "first.p.admin", 1);
    made.store->keep_checkpoint("a", first_state);
    EXPECT_TRUE(flushed(*made.store));
    made.store->keep_checkpoint("b", first_state);
    made.store->drop_actors({"a", "b"});
    made.store->put_actors({"a", "b"}, "first.p.admin", 1);
    made.store->keep_checkpoint("nobody", first_state);
  }
  for (const auto& actor : folder.content().actors) {
    EXPECT_TRUE(actor.checkpoint.empty()) << actor.name;
  }
}

TEST(Store, AfterAnOrderlyEndOnlyWhatPersistsComesBack) {
  store_folder folder;
  {
    auto made = folder.open();
    auto persistent = process("kept");
    persistent.persist = true;
    auto needed = process("needed");
    needed.restarts = 4;
    for (const auto& row : {process("p"), persistent, needed}) {
      made.store->put_process(row);
    }
    made.store->put_kind(kind(1));
    made.store->put_kind(kind(2, true));
    made.store->put_actors({"a"}, "first.p.admin", 1);
    made.store->put_actors({"b"}, "first.needed.admin", 2);
    made.store->put_actors({"c"}, "first.kept.admin", 1);
    made.store->keep_checkpoint("b", first_state);
    made.store->set_next_number(3);
    made.store->set_booted();
    made.store->set_clean_end();
  }
  for (int start = 0; start < 2; ++start) { // the second one finds a crash
    const auto all = folder.content();
    EXPECT_EQ(all.clean_end, start == 0);
    EXPECT_FALSE(all.booted);
    EXPECT_EQ(all.next_number, 0u);
    ASSERT_EQ(all.processes.size(), 2u);
    EXPECT_EQ(all.processes[0].node, "first.kept.admin");
    EXPECT_EQ(all.processes[1].node, "first.needed.admin");
    EXPECT_EQ(all.processes[1].restarts, 0u);
    EXPECT_EQ(all.kinds, std::vector{kind(2, true)});
    EXPECT_EQ(all.actors, (std::vector<actor_row>{{"b", "first.needed.admin", 2, first_state}}));
  }
}

TEST(Store, AFileThatIsNoDatabaseIsRefusedWithWordsThatHelp) {
  store_folder folder;
  std::ofstream{folder.file()} << std::string(8192, 'x');
  auto made = sqlite_store::open({folder.file()});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, error_code::io_error);
  EXPECT_NE(made.error().text.find(folder.file().string()), std::string::npos) << made.error().text;
  EXPECT_NE(made.error().text.find("move it away"), std::string::npos) << made.error().text;
  EXPECT_EQ(made.error().text.find('\n'), std::string::npos);
}

TEST(Store, ADamagedDatabaseIsRefused) {
  store_folder folder;
  {
    auto made = folder.open();
    std::vector<std::string> names;
    for (int i = 0; i < 5000; ++i) {
      names.push_back("actor_" + std::to_string(i));
    }
    made.store->put_actors(std::move(names), "first.p.admin", 1);
  }
  {
    std::fstream file{folder.file(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(4096 * 3);
    const std::string rubbish(4096 * 8, '\x5a');
    file.write(rubbish.data(), static_cast<std::streamsize>(rubbish.size()));
  }
  auto made = sqlite_store::open({folder.file()});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("move it away"), std::string::npos) << made.error().text;
}

TEST(Store, ManyChangesAtOnceAllArrive) {
  store_folder folder;
  {
    auto made = sqlite_store::open({folder.file(), 1000});
    ASSERT_TRUE(made);
    for (int batch = 0; batch < 50; ++batch) {
      std::vector<std::string> names;
      for (int i = 0; i < 700; ++i) {
        names.push_back("a" + std::to_string(batch) + "_" + std::to_string(i));
      }
      made->store->put_actors(std::move(names), "first.p.admin", 1);
    }
  }
  EXPECT_EQ(folder.content().actors.size(), 35'000u);
}
