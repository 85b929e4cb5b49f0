#pragma once

#include <troupe/result.hpp>

#include <filesystem>
#include <map>
#include <string>

namespace troupe {

/// A path with each `${name}` replaced by its variable, absolute (relative ones mean `base_dir`) and without `..`.
/// Fails with what is wrong and which variables there are.
result<std::filesystem::path> expand_path(const std::string& text, const std::filesystem::path& base_dir,
                                          const std::map<std::string, std::string>& variables);

} // namespace troupe
