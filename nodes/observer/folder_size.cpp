#include "folder_size.hpp"

#include <system_error>

#include <sys/stat.h>

namespace troupe {
namespace {

constexpr int files_a_step = 500;
constexpr std::uint64_t block = 512; ///< the unit of `st_blocks`

} // namespace

std::optional<std::uint64_t> folder_size::step() {
  std::error_code problem;
  if (!is_under_way_) {
    bytes_ = 0;
    at_ = std::filesystem::recursive_directory_iterator{
      folder_, std::filesystem::directory_options::skip_permission_denied, problem};
    is_under_way_ = true;
  }
  const std::filesystem::recursive_directory_iterator end;
  for (int i = 0; i < files_a_step && !problem && at_ != end; ++i, at_.increment(problem)) {
    struct stat info {};
    if (::lstat(at_->path().c_str(), &info) == 0) {
      bytes_ += static_cast<std::uint64_t>(info.st_blocks) * block;
    }
  }
  if (!problem && at_ != end) {
    return std::nullopt;
  }
  is_under_way_ = false;
  return bytes_;
}

} // namespace troupe
