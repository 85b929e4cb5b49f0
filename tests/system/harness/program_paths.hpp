#pragma once

#include <string>

namespace system_test {

/// The built programs and package folders that the tests run, as CMake knows them.
struct program_paths {
  std::string trouped;
  std::string troupe;
  std::string packages;      ///< the example packages
  std::string test_packages; ///< packages that exist for the tests
  std::string sources;       ///< the repository
};

const program_paths& programs();

} // namespace system_test
