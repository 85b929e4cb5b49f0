#pragma once

#include "tests/history/checker.hpp"
#include "tests/history/writer.hpp"

#include <filesystem>
#include <string>

#include <stdlib.h>

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
