#include "run_fixture.hpp"

namespace troupe {
namespace {

class ObserverStreams : public run_fixture {};

TEST_F(ObserverStreams, PromptWithoutNewlineReachesTheReaderAtOnce) {
  auto what = python("name = input('name? ')\nprint('hello', name)");
  what.stdin_open = true;
  auto& one = start(what);
  auto page = one.read(0);
  ASSERT_EQ(page.records.size(), 1u);
  EXPECT_EQ(page.records[0].data, "name? ");
  EXPECT_FALSE(one.has_ended());
  EXPECT_EQ(one.write("world\n").value(), 6u);
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.all(spool_stream::out), "name? hello world\n");
}

TEST_F(ObserverStreams, RecordsCarryTheirTimeSinceTheStart) {
  auto& one = start(shell("echo one; sleep 0.3; echo two"));
  ASSERT_TRUE(one.ended());
  const auto page = one.read(0);
  ASSERT_EQ(page.records.size(), 2u);
  EXPECT_LT(page.records[0].at, 250ms);
  EXPECT_GE(page.records[1].at, 290ms);
  EXPECT_TRUE(page.ended);
}

TEST_F(ObserverStreams, InputComesInPiecesAndEnds) {
  auto what = shell("cat; echo end");
  what.stdin_open = true;
  auto& one = start(what);
  EXPECT_TRUE(one.write("a"));
  EXPECT_TRUE(one.write("b\n"));
  EXPECT_EQ(one.read(0).records.at(0).data.substr(0, 1), "a");
  EXPECT_TRUE(one.close_input());
  EXPECT_FALSE(one.write("late"));
  EXPECT_FALSE(one.close_input());
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.all(spool_stream::out), "ab\nend\n");
}

TEST_F(ObserverStreams, LargeInputIsHeldBackUntilTheScriptReads) {
  auto what = shell("read go; wc -c");
  what.stdin_open = true;
  auto& one = start(what);
  std::atomic<bool> taken{false};
  one.handle->write_input(std::string(8'000'000, 'x'), {}, [&](result<std::size_t> how) { taken = how.has_value(); });
  std::atomic<bool> refused{false};
  one.handle->write_input(
    "more", {}, [&](result<std::size_t> how) { refused = !how && how.error().code == error_code::mailbox_full; });
  EXPECT_TRUE(eventually([&] { return refused.load(); }));
  one.handle->cancel();
  ASSERT_TRUE(one.ended());
  EXPECT_FALSE(taken);

  auto reader = shell("wc -c");
  reader.stdin_open = true;
  auto& two = start(reader);
  EXPECT_EQ(two.write(std::string(8'000'000, 'x')).value(), 8'000'000u);
  EXPECT_TRUE(two.close_input());
  ASSERT_TRUE(two.ended());
  EXPECT_EQ(two.all(spool_stream::out), "8000000\n");
}

TEST_F(ObserverStreams, ScriptThatClosesItsInputAnswersTheWriter) {
  auto what = shell("exec 0<&-; echo closed; sleep 100");
  what.stdin_open = true;
  auto& one = start(what);
  ASSERT_FALSE(one.read(0).records.empty());
  result<std::size_t> how = 0;
  ASSERT_TRUE(eventually([&] { return !(how = one.write("x")); }));
  EXPECT_NE(how.error().text.find("closed its standard input"), std::string::npos) << how.error().text;
  one.handle->cancel();
  ASSERT_TRUE(one.ended());
}

TEST_F(ObserverStreams, ClosedInputIsAtItsEndFromTheStart) {
  auto& one = start(shell("cat; echo nothing"));
  EXPECT_FALSE(one.write("x"));
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.all(spool_stream::out), "nothing\n");
}

TEST_F(ObserverStreams, MillionLinesArriveCompleteAndInOrder) {
  auto& one = start(python("for i in range(1000000): print(i)"));
  std::uint64_t next_line = 0;
  std::string partial;
  for (output_page page = one.read(0);; page = one.read(page.next)) {
    for (const auto& record : page.records) {
      partial += record.data;
    }
    std::size_t start = 0;
    for (auto end = partial.find('\n'); end != std::string::npos; end = partial.find('\n', start)) {
      ASSERT_EQ(partial.substr(start, end - start), std::to_string(next_line));
      ++next_line;
      start = end + 1;
    }
    partial.erase(0, start);
    if (page.ended) {
      break;
    }
  }
  EXPECT_EQ(next_line, 1'000'000u);
  EXPECT_EQ(one.ended()->exit_code, 0);
}

TEST_F(ObserverStreams, MillionLinesThatNobodyReadsDoNotHoldUpTheScript) {
  auto& one = start(shell("seq 1000000"));
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_EQ(end->progress.out_bytes, 6'888'896u);
}

TEST_F(ObserverStreams, FloodOnBothPipesIsKeptApart) {
  auto& one = start(shell("yes out | head -n 300000 & yes err | head -n 300000 >&2; wait"));
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.ended()->progress.out_bytes, 1'200'000u);
  EXPECT_EQ(one.ended()->progress.err_bytes, 1'200'000u);
  const auto text = one.all(spool_stream::err);
  EXPECT_EQ(text.size(), 1'200'000u);
  EXPECT_EQ(text.find("out"), std::string::npos);
}

TEST_F(ObserverStreams, BinaryOutputIsKeptByteForByte) {
  auto& one = start(python("import os\nfor i in range(64): os.write(1, bytes(range(256)))"));
  ASSERT_TRUE(one.ended());
  std::string expected;
  for (int i = 0; i < 64 * 256; ++i) {
    expected.push_back(static_cast<char>(i % 256));
  }
  EXPECT_EQ(one.all(spool_stream::out), expected);
}

TEST_F(ObserverStreams, CharactersAreNotCutBetweenRecords) {
  auto& one = start(python("import sys\nfor i in range(2000): sys.stdout.write('ж' * 777 + '€')"));
  ASSERT_TRUE(one.ended());
  std::uint64_t count = 0;
  for (output_page page = one.read(0);; page = one.read(page.next)) {
    for (const auto& record : page.records) {
      EXPECT_NE(static_cast<unsigned char>(record.data.front()) & 0xc0, 0x80) << "record " << record.seq;
      ++count;
    }
    if (page.ended) {
      break;
    }
  }
  EXPECT_GT(count, 10u);
}

TEST_F(ObserverStreams, OutputAboveTheLimitIsCutAndMarkedAndTheScriptRunsOn) {
  auto what = shell("seq 100000; echo last >&2");
  what.spool_limit = 10'000;
  auto& one = start(what);
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_EQ(end->progress.out_bytes, 588'895u);
  EXPECT_NE(end->reason.find("cut"), std::string::npos);
  EXPECT_LT(std::filesystem::file_size(spool_file_of(what.folder)), 10'300u);
  EXPECT_NE(one.all(spool_stream::cut).find("10000 bytes"), std::string::npos);
}

TEST_F(ObserverStreams, ReadWaitsForTheFirstRecordAndGivesUpInTime) {
  auto& one = start(shell("sleep 100"));
  ASSERT_TRUE(one.started());
  const auto before = std::chrono::steady_clock::now();
  const auto page = one.read(0, 200ms);
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_TRUE(page.records.empty());
  EXPECT_FALSE(page.ended);
  EXPECT_EQ(page.next, 0u);
  EXPECT_GE(took, 190ms);
  EXPECT_LT(took, 5s);
  one.handle->cancel();
  ASSERT_TRUE(one.ended());
}

TEST_F(ObserverStreams, SignalReachesTheScript) {
  auto& one = start(shell("trap 'echo got' USR1; echo ready; while :; do sleep 0.01; done"));
  ASSERT_FALSE(one.read(0).records.empty());
  one.handle->signal(SIGUSR1);
  const auto page = one.read(1);
  ASSERT_FALSE(page.records.empty());
  EXPECT_EQ(page.records[0].data, "got\n");
  one.handle->cancel();
  ASSERT_TRUE(one.ended());
}

} // namespace
} // namespace troupe
