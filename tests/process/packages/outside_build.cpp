#include "tests/process/packages/outside_build.hpp"

#include <array>
#include <cstdio>
#include <fstream>

#include <stdlib.h>

namespace troupe {

outside_build::outside_build() {
  auto pattern = (std::filesystem::temp_directory_path() / "troupe-outside-XXXXXX").string();
  root_ = ::mkdtemp(pattern.data());
}

outside_build::~outside_build() {
  std::filesystem::remove_all(root_);
}

void outside_build::write(const std::string& path, const std::string& text) const {
  const auto place = source() / path;
  std::filesystem::create_directories(place.parent_path());
  std::ofstream(place) << text;
}

bool outside_build::build() {
  return run(TROUPE_TEST_CMAKE " -S " + source().string() + " -B " + (root_ / "build").string() +
             " -DCMAKE_PREFIX_PATH=" TROUPE_TEST_SDK " -DCMAKE_CXX_COMPILER=" TROUPE_TEST_COMPILER
             " '-DCMAKE_CXX_COMPILER_LAUNCHER=" TROUPE_TEST_LAUNCHER "'") &&
         run(TROUPE_TEST_CMAKE " --build " + (root_ / "build").string());
}

bool outside_build::run(const std::string& command) {
  // With ccache a second run of the tests compiles nothing, although the folder has another name.
  const std::string cached = "CCACHE_BASEDIR=" + root_.string() + " CCACHE_NOHASHDIR=1 ";
  FILE* const pipe = ::popen((cached + command + " 2>&1").c_str(), "re");
  if (pipe == nullptr) {
    return false;
  }
  std::array<char, 4096> buffer{};
  for (std::size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), count);
  }
  return ::pclose(pipe) == 0;
}

} // namespace troupe
