#include "tests/system/harness/program_paths.hpp"

namespace system_test {

const program_paths& programs() {
  static const program_paths paths{SYSTEM_TEST_TROUPED, SYSTEM_TEST_TROUPE, SYSTEM_TEST_PACKAGES,
                                   SYSTEM_TEST_TEST_PACKAGES, SYSTEM_TEST_SOURCES};
  return paths;
}

} // namespace system_test
