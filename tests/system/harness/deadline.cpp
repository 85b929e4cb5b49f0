#include "tests/system/harness/deadline.hpp"

#include <cstdlib>
#include <thread>

namespace system_test {

double time_scale() {
  static const double scale = [] {
    if (const char* given = std::getenv("SYSTEM_TEST_TIME_SCALE")) {
      return std::max(1.0, std::atof(given));
    }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 4.0;
#else
    return 1.0;
#endif
  }();
  return scale;
}

milliseconds scaled(milliseconds time) {
  return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(time.count()) * time_scale()));
}

bool eventually(milliseconds limit, const std::function<bool()>& holds) {
  const auto end = clock::now() + scaled(limit);
  while (true) {
    if (holds()) {
      return true;
    }
    if (clock::now() >= end) {
      return false;
    }
    // sleep: the pause between two looks at the condition
    std::this_thread::sleep_for(5ms);
  }
}

milliseconds since(clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(clock::now() - begin);
}

} // namespace system_test
