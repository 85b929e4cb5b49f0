#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace system_test {

using clock = std::chrono::steady_clock;
using milliseconds = std::chrono::milliseconds;
using namespace std::chrono_literals;

/// How much slower than usual the programs under test are (sanitizers, a busy machine: `SYSTEM_TEST_TIME_SCALE`).
/// Deadlines that guard against hanging are multiplied by it; deadlines that are promises are not, except under
/// sanitizers.
double time_scale();

milliseconds scaled(milliseconds time);

/// Polls `holds` until it is true or `limit` (unscaled) is over. The result says which.
bool eventually(milliseconds limit, const std::function<bool()>& holds);

/// Milliseconds since `begin`.
milliseconds since(clock::time_point begin);

} // namespace system_test
