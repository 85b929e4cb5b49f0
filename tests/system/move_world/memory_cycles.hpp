#pragma once

namespace system_test {

/// AT-21: `cycles` actors with tickers, timers and observers are created and removed, in batches; the memory and the
/// descriptors of no process of the system may grow after the first tenth of them.
void create_and_remove(int cycles);

/// The same for moves of actors with tickers, timers and observers.
void move_about(int cycles);

} // namespace system_test
