#pragma once

#include <troupe/result.hpp>

#include <string>

#include <sys/types.h>

namespace troupe {

/// Whose processes runs are.
struct run_user {
  std::string name; ///< or the number of one that has no name
  uid_t uid = 0;
  gid_t gid = 0; ///< its own group; it gets no other
};

/// Finds a user by name or number. Fails with `not_found`; with `access_denied` if this process may not give processes to
/// others, or if the user is root.
result<run_user> find_run_user(const std::string& text);

} // namespace troupe
