#include <runtime/observer/spool_reader.hpp>
#include <runtime/observer/spool_writer.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

class Spool : public testing::Test {
protected:
  Spool() {
    char name[] = "/tmp/troupe-spool-XXXXXX";
    folder_ = ::mkdtemp(name);
    file_ = folder_ + "/spool";
  }
  ~Spool() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::string file_;
};

TEST_F(Spool, AnyRecordCanBeReadByItsNumber) {
  auto writer = spool_writer::create(file_, 1u << 30).value();
  for (int i = 0; i < 5'000; ++i) {
    writer.write(i % 2 == 0 ? spool_stream::out : spool_stream::err, i * 1ms, std::to_string(i));
  }
  spool_reader reader{file_};
  for (int seq : {0, 4'999, 1, 1'024, 1'023, 3'000, 2'999, 0}) {
    const auto got = reader.read(seq, 1'000, 1);
    ASSERT_EQ(got.size(), 1u) << seq;
    EXPECT_EQ(got[0].seq, static_cast<std::uint64_t>(seq));
    EXPECT_EQ(got[0].data, std::to_string(seq));
    EXPECT_EQ(got[0].at, seq * 1ms);
    EXPECT_EQ(got[0].stream, seq % 2 == 0 ? spool_stream::out : spool_stream::err);
  }
  EXPECT_TRUE(reader.read(5'000, 1'000, 1).empty());
  EXPECT_TRUE(reader.read(1'000'000, 1'000, 1).empty());
}

TEST_F(Spool, PageIsBoundedByBytesAndRecordsButNeverEmptyHanded) {
  auto writer = spool_writer::create(file_, 1u << 30).value();
  for (int i = 0; i < 10; ++i) {
    writer.write(spool_stream::out, 0ms, std::string(100, 'x'));
  }
  spool_reader reader{file_};
  EXPECT_EQ(reader.read(0, 250, 100).size(), 2u);
  EXPECT_EQ(reader.read(0, 1, 100).size(), 1u);
  EXPECT_EQ(reader.read(0, 1'000'000, 3).size(), 3u);
}

TEST_F(Spool, ReaderFollowsAGrowingSpoolAndRestsBetween) {
  spool_reader reader{file_};
  EXPECT_TRUE(reader.read(0, 100, 100).empty()) << "there is no file yet";
  auto writer = spool_writer::create(file_, 1u << 30).value();
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    writer.write(spool_stream::out, 0ms, std::to_string(i));
    const auto got = reader.read(i, 100, 100);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].data, std::to_string(i));
    reader.rest();
  }
}

TEST_F(Spool, HalfARecordCountsAsAbsent) {
  auto writer = spool_writer::create(file_, 1u << 30).value();
  writer.write(spool_stream::out, 0ms, "whole");
  const auto header = spool_header{10, spool_stream::out, 0ns}.encode();
  std::ofstream{file_, std::ios::app | std::ios::binary}
    .write(reinterpret_cast<const char*>(header.data()), header.size())
    .write("half", 4);
  spool_reader reader{file_};
  EXPECT_EQ(reader.read(0, 1'000, 100).size(), 1u);
  EXPECT_TRUE(reader.read(1, 1'000, 100).empty());
  std::ofstream{file_, std::ios::app}.write("is now", 6);
  EXPECT_EQ(reader.read(1, 1'000, 100).at(0).data, "halfis now");
}

TEST_F(Spool, OutputAboveTheLimitIsCutOnceWithTheReasonAndStillCounted) {
  auto writer = spool_writer::create(file_, 100).value();
  writer.write(spool_stream::out, 0ms, std::string(50, 'a'));
  writer.write(spool_stream::out, 0ms, std::string(50, 'b'));
  writer.write(spool_stream::err, 0ms, std::string(50, 'c'));
  EXPECT_TRUE(writer.is_cut());
  EXPECT_EQ(writer.progress().out_bytes, 100u);
  EXPECT_EQ(writer.progress().err_bytes, 50u);
  const auto got = spool_reader{file_}.read(0, 1'000, 100);
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got[0].data, std::string(50, 'a'));
  EXPECT_EQ(got[1].data, std::string(18, 'b')) << "what fits is kept";
  EXPECT_EQ(got[2].stream, spool_stream::cut);
  EXPECT_NE(got[2].data.find("100 bytes"), std::string::npos);
}

TEST_F(Spool, SpoolOfAnotherRunIsNeverTouched) {
  ASSERT_TRUE(spool_writer::create(file_, 100));
  EXPECT_FALSE(spool_writer::create(file_, 100));
}

TEST_F(Spool, LargePieceIsKeptInRecordsThatFit) {
  auto writer = spool_writer::create(file_, 1u << 30).value();
  writer.write(spool_stream::out, 0ms, std::string(2'500'000, 'x'));
  const auto got = spool_reader{file_}.read(0, 10'000'000, 100);
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got[0].data.size() + got[1].data.size() + got[2].data.size(), 2'500'000u);
}

} // namespace
} // namespace troupe
