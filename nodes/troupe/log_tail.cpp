#include "nodes/troupe/log_tail.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace troupe::cli {

std::optional<std::string> last_lines(const std::filesystem::path& file, unsigned count) {
  constexpr std::streamoff window = 4 << 20;
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) {
    return std::nullopt;
  }
  const std::streamoff size = in.tellg();
  in.seekg(std::max<std::streamoff>(0, size - window));
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!text.empty() && text.back() != '\n') {
    text += '\n';
  }
  std::size_t begin = text.size();
  for (unsigned taken = 0; taken < count && begin > 0; ++taken) {
    const auto feed = begin < 2 ? std::string::npos : text.rfind('\n', begin - 2);
    begin = feed == std::string::npos ? 0 : feed + 1;
  }
  return text.substr(begin);
}

} // namespace troupe::cli
