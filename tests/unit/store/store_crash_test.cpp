// The promise of a flush, tried by killing a process that writes, and by a disk that refuses.
#include "tests/unit/store/store_folder.hpp"

#include <atomic>
#include <csignal>
#include <map>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace troupe;

namespace {

constexpr int names_in_batch = 20;

std::vector<std::string> batch(int number) {
  std::vector<std::string> names;
  for (int i = 0; i < names_in_batch; ++i) {
    names.push_back(std::to_string(number) + "_" + std::to_string(i));
  }
  return names;
}

/// Writes batch after batch, drops every third one again, and tells each number that is on disk.
[[noreturn]] void write_for_ever(const store_folder& folder, int pipe) {
  auto made = sqlite_store::open({folder.file()});
  for (int number = 0; made; ++number) {
    made->store->put_actors(batch(number), "first.p.admin", 1);
    made->store->keep_checkpoint(std::to_string(number) + "_0", {1});
    if (number % 3 == 2) {
      made->store->drop_actors(batch(number - 1));
    }
    made->store->flush([pipe, number](result<> how) {
      if (how) {
        (void)!::write(pipe, &number, sizeof number);
      }
    });
    if (number % 8 == 0) {
      (void)flushed(*made->store);
    }
  }
  ::_exit(1);
}

/// Reads what the writer tells, until `enough` came and it was killed; the last number.
int kill_after(pid_t child, int pipe, int enough) {
  int last = -1;
  int count = 0;
  for (int number = 0; ::read(pipe, &number, sizeof number) == sizeof number;) {
    last = number;
    if (++count == enough) {
      ::kill(child, SIGKILL);
    }
  }
  return last;
}

/// No file of this process grows meanwhile.
class full_disk {
public:
  full_disk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    auto none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~full_disk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
  rlimit before_{};
};

} // namespace

TEST(StoreCrash, ADiskThatRefusesIsToldOnceAndWhatWaitedIsWrittenLater) {
  store_folder folder;
  std::atomic<int> complaints = 0;
  {
    auto made = sqlite_store::open({folder.file(), 100, [&](const std::string&) { ++complaints; }});
    ASSERT_TRUE(made);
    {
      full_disk full;
      made->store->put_actors(batch(1), "first.p.admin", 1);
      EXPECT_FALSE(flushed(*made->store));
      made->store->put_actors(batch(2), "first.p.admin", 1);
      EXPECT_FALSE(flushed(*made->store));
      EXPECT_EQ(complaints, 1);
    }
    EXPECT_TRUE(flushed(*made->store));
  }
  EXPECT_EQ(folder.content().actors.size(), 2u * names_in_batch);
  EXPECT_EQ(complaints, 1);
}

TEST(StoreCrash, WhatAFlushToldIsThereAfterAKillAndNothingIsHalf) {
  for (const int enough : {1, 40, 333}) {
    store_folder folder;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      write_for_ever(folder, ends[1]);
    }
    ::close(ends[1]);
    const int last = kill_after(child, ends[0], enough);
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
    ASSERT_GE(last, enough - 1);

    const auto all = folder.content();
    EXPECT_FALSE(all.clean_end);
    std::map<int, int> found;
    for (const auto& actor : all.actors) {
      ++found[std::stoi(actor.name)];
    }
    for (const auto& [number, count] : found) {
      EXPECT_EQ(count, names_in_batch) << "batch " << number << " is there in part";
    }
    for (int number = 0; number <= last; ++number) {
      const bool dropped = number % 3 == 1 && number < last;
      const bool may_be_dropped = number % 3 == 1;
      if (dropped) {
        EXPECT_FALSE(found.contains(number)) << number << " of " << last;
      } else if (!may_be_dropped) {
        EXPECT_TRUE(found.contains(number)) << number << " of " << last;
      }
    }
  }
}
