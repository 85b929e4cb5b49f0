#pragma once

#include "runtime/config/settings.hpp"
#include "runtime/door/door.hpp"

#include <troupe/class_info.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// The classes of the package `troupe`, and the real bodies of what they need. Lives as long as their actors.
class builtin_classes {
public:
  builtin_classes(const settings& config, std::string token, const std::filesystem::path& program_dir, door& actors);
  ~builtin_classes();

  std::vector<class_info> classes() const;
  /// What is offered to the outside now: name → {service, address, …}.
  json services() const;
  /// Ends the interpreters that wait for scripts; no others are started.
  void end_prepared();

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace troupe
