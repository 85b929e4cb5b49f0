#include <runtime/script_catalog/folder_script_catalog.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace troupe {
namespace {

namespace fs = std::filesystem;

class FolderScriptCatalog : public ::testing::Test {
protected:
  FolderScriptCatalog() {
    char name[] = "/tmp/troupe-catalog-XXXXXX";
    folder_ = ::mkdtemp(name);
    for (const char* file : {"app/a.py", "app/sub/b.py3", "app/c.sh", "app/data.txt", "app2/other.py", "outside.py"}) {
      fs::create_directories((fs::path(folder_) / file).parent_path());
      std::ofstream(fs::path(folder_) / file) << "x";
    }
    fs::create_directories(fs::path(folder_) / "app/folder.py");
    fs::create_symlink(folder_ + "/outside.py", folder_ + "/app/link.py");
    fs::create_symlink(folder_ + "/app/a.py", folder_ + "/app/inner.py");
  }
  ~FolderScriptCatalog() override { fs::remove_all(folder_); }

  std::string find(const std::string& name) const {
    const auto got = folder_script_catalog{}.find(folder_ + "/app", name);
    return got ? got->substr(folder_.size()) : "";
  }

  std::string folder_;
};

TEST_F(FolderScriptCatalog, ScriptsAreFoundByTheirPathInTheApplication) {
  EXPECT_EQ(find("a.py"), "/app/a.py");
  EXPECT_EQ(find("sub/b.py3"), "/app/sub/b.py3");
  EXPECT_EQ(find("./sub/../c.sh"), "/app/c.sh");
  EXPECT_EQ(find("inner.py"), "/app/inner.py");
}

TEST_F(FolderScriptCatalog, NothingOutsideIsFound) {
  const std::string with_zero("a.py\0x", 6);
  for (const std::string& name : {std::string("../outside.py"), std::string("../app2/other.py"), std::string("link.py"),
                                  folder_ + "/app/a.py", std::string("/a.py"), std::string(""), std::string("absent.py"),
                                  std::string("folder.py"), std::string(".."), with_zero}) {
    EXPECT_EQ(find(name), "") << name;
  }
  EXPECT_FALSE(folder_script_catalog{}.find("", "a.py"));
}

TEST_F(FolderScriptCatalog, WhatIsNoScriptIsRefusedWithTheReason) {
  const auto got = folder_script_catalog{}.find(folder_ + "/app", "data.txt");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, error_code::access_denied);
}

} // namespace
} // namespace troupe
