#pragma once

#include "tests/system/harness/test_system.hpp"

namespace system_test {

/// Runs `count` short commands one after the other and expects that memory, descriptors and processes of the node and the
/// daemon are as they were after the first of them.
void run_in_a_row(const test_system& system, int count);

} // namespace system_test
