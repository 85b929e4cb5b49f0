#include "tests/system/harness/temp_folder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace system_test {

namespace fs = std::filesystem;

temp_folder::temp_folder() {
  const char* root = std::getenv("SYSTEM_TEST_TMP");
  std::string pattern = std::string(root != nullptr ? root : "/tmp") + "/systest-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a folder " + pattern);
  }
  path_ = pattern;
}

temp_folder::~temp_folder() {
  if (testing::Test::HasFailure() && std::getenv("SYSTEM_TEST_KEEP") != nullptr) {
    return;
  }
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path temp_folder::write(std::string_view relative, std::string_view text, bool executable) const {
  const fs::path file = path_ / relative;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  if (executable) {
    fs::permissions(file, fs::perms::owner_all);
  }
  return file;
}

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

} // namespace system_test
