#pragma once

#include <troupe/result.hpp>

#include <string>

namespace troupe {

/// The access token of an installation: read from `path`, or made and written there (mode 0600) if there is no file.
/// Several processes may do so at once: all get the same token. Fails if the file is not a regular file of this user
/// with no rights for others, or holds no token.
result<std::string> load_or_make_token(const std::string& path);

} // namespace troupe
