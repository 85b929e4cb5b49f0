#pragma once

#include <runtime/door/door.hpp>

#include <functional>
#include <string>

namespace troupe {

/// A child task that is to be made and started.
struct child_wish {
  std::string pid;
  json start; ///< the body of its `start`
};

/// Makes the task actor of a child in the door's node and starts it. `done` gets nothing, or why not, on a thread of the
/// engine; no actor is needed meanwhile. Done a second time for the same pid, it starts nothing twice.
void start_child(door& actors, child_wish what, std::function<void(result<>)> done);

} // namespace troupe
