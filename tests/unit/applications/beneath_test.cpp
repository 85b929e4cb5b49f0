#include "tests/unit/applications/applications_fixture.hpp"

#include <runtime/applications/beneath.hpp>

#include <atomic>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>

namespace troupe {
namespace {

namespace fs = std::filesystem;

class Beneath : public Applications {
protected:
  Beneath() {
    fs::create_directories(folder_ / "top/sub");
    std::ofstream(folder_ / "top/sub/file.txt") << "inside";
    fs::create_directories(folder_ / "outer");
    std::ofstream(folder_ / "outer/file.txt") << "secret";
    top_ = unique_fd{::open((folder_ / "top").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  }
  std::string read(const std::vector<std::string>& parts, disk_patience patience = disk_patience::all) const {
    const auto found = open_beneath(top_.get(), parts, patience);
    if (!found || found->is_folder) {
      return found ? "folder" : std::string{describe(found.error().code)};
    }
    return read_at(found->fd.get(), 0, static_cast<std::size_t>(found->size), disk_patience::all).value_or("");
  }
  static const char* describe(error_code code) { return code == error_code::not_found ? "not found" : "other"; }

  unique_fd top_;
};

TEST_F(Beneath, FilesAndFoldersAreFoundAndNothingElseIs) {
  EXPECT_EQ(read({"sub", "file.txt"}), "inside");
  EXPECT_EQ(read({"sub"}), "folder");
  EXPECT_EQ(read({}), "folder");
  EXPECT_EQ(read({"absent"}), "not found");
  EXPECT_EQ(read({"sub", "file.txt", "x"}), "not found");
  EXPECT_EQ(read({"..", "outer", "file.txt"}), "not found");
  fs::create_symlink("sub/file.txt", folder_ / "top/near");
  fs::create_symlink(folder_ / "outer", folder_ / "top/far");
  ::mkfifo((folder_ / "top/pipe").c_str(), 0600);
  EXPECT_EQ(read({"near"}), "not found");
  EXPECT_EQ(read({"far", "file.txt"}), "not found");
  EXPECT_EQ(read({"pipe"}), "not found") << "and nobody waits for its other end";
  EXPECT_EQ(read({"sub", "file.txt"}, disk_patience::none), "inside") << "it is in memory";
}

TEST_F(Beneath, AFolderThatBecomesALinkMeanwhileLeadsNowhere) {
  std::atomic<bool> stop{false};
  std::thread swapper([&] {
    const auto sub = folder_ / "top/sub";
    while (!stop) {
      std::error_code ignored;
      fs::rename(sub, folder_ / "top/aside", ignored);
      fs::create_directory_symlink(folder_ / "outer", sub, ignored);
      fs::remove(sub, ignored);
      fs::rename(folder_ / "top/aside", sub, ignored);
    }
  });
  int inside = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto got = read({"sub", "file.txt"}, i % 2 == 0 ? disk_patience::none : disk_patience::all);
    ASSERT_NE(got, "secret");
    inside += got == "inside";
  }
  stop = true;
  swapper.join();
  EXPECT_GT(inside, 0);
}

TEST_F(Beneath, TheTagChangesWithTheFile) {
  const auto tag = [&] { return open_beneath(top_.get(), {"sub", "file.txt"}, disk_patience::all)->tag; };
  const auto first = tag();
  EXPECT_EQ(tag(), first);
  std::ofstream(folder_ / "top/sub/new") << "inside";
  fs::rename(folder_ / "top/sub/new", folder_ / "top/sub/file.txt");
  EXPECT_NE(tag(), first);
}

} // namespace
} // namespace troupe
