#pragma once

#include "tests/history/checker.hpp"
#include "tests/history/writer.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

inline const history::check_options crashes{.crashes = true};

/// A folder of histories that a test writes as actors would.
class history_folder {
public:
  history_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "historyXXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~history_folder() { std::filesystem::remove_all(path_); }
  history_folder(const history_folder&) = delete;
  history_folder& operator=(const history_folder&) = delete;

  std::string path() const { return path_.string(); }
  history::verdict check(const history::check_options& how = {}) const {
    return history::check(history::read_folder(path_), how);
  }

private:
  std::filesystem::path path_;
};

/// One copy of an actor as a test plays it; its end is noted when it goes.
class played_copy : public history::writer {
public:
  played_copy(const history_folder& folder, const std::string& actor, const std::string& node = "first.main.admin",
              const std::string& stream_name = {}) {
    open(folder.path(), actor, node);
    born();
    stream(stream_name.empty() ? actor + "#1" : stream_name);
  }
};

/// The copy's process dies: its file has no end.
inline void die_in_a_child(const std::function<void()>& life) {
  const pid_t child = fork();
  if (child == 0) {
    life();
    raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

/// Finds exactly this kind of problem and no other.
#define EXPECT_ONLY(found, kind, times)                                                                                \
  do {                                                                                                                 \
    EXPECT_EQ((found).count(kind), static_cast<std::uint64_t>(times)) << (found);                                      \
    EXPECT_EQ((found).problems.size(), 1u) << (found);                                                                 \
    EXPECT_FALSE((found).good());                                                                                      \
    EXPECT_FALSE((found).examples.empty());                                                                            \
  } while (false)
