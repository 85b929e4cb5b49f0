#pragma once

#include <runtime/observer/run_plan.hpp>

#include <map>
#include <optional>
#include <string>

namespace troupe {

/// What makes two Python interpreters equal at their start: runs of one key can come from one prepared interpreter.
struct warm_key {
  std::string python;                       ///< the path of the program
  std::map<std::string, std::string> env;   ///< the variables that an interpreter looks at while it starts
  bool own_pid_namespace = true;

  bool operator==(const warm_key&) const = default;
};

/// Nothing: the run cannot come from a prepared interpreter. It can if it is `python script.py` without options of the
/// interpreter, and small enough that the kernel would not refuse its arguments.
std::optional<warm_key> warm_key_of(const run_plan& plan);

/// Changes when the interpreter, or the environment it belongs to, was replaced, changed or removed.
std::string stamp_of_interpreter(const std::string& python);

} // namespace troupe
