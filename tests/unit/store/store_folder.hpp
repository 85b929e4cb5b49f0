#pragma once

#include "runtime/store/sqlite_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

namespace troupe {

/// A folder of the test's own with one store in it.
class store_folder {
public:
  store_folder() {
    auto name = (std::filesystem::temp_directory_path() / "troupe-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  store_folder(const store_folder&) = delete;
  store_folder& operator=(const store_folder&) = delete;
  ~store_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path file() const { return path_ / "system.db"; }

  sqlite_store::opened open() const {
    auto made = sqlite_store::open({file()});
    EXPECT_TRUE(made) << (made ? "" : made.error().text);
    return made ? std::move(*made) : sqlite_store::opened{};
  }

  /// What a daemon finds that starts now.
  store_content content() const {
    auto all = open().content;
    std::ranges::sort(all.actors, {}, &actor_row::name);
    return all;
  }

private:
  std::filesystem::path path_;
};

inline result<> flushed(head_store& store) {
  std::promise<result<>> told;
  store.flush([&told](result<> how) { told.set_value(std::move(how)); });
  return told.get_future().get();
}

} // namespace troupe
