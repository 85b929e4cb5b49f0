#include "large_library.hpp"

#include <runtime/process/unique_fd.hpp>

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <unistd.h>

namespace troupe {
namespace {

constexpr std::array libraries{
  large_library{"numpy", "numpy", 60},           large_library{"scipy", "scipy", 100},
  large_library{"pandas", "pandas", 120},        large_library{"matplotlib", "matplotlib", 90},
  large_library{"scikit-learn", "sklearn", 150}, large_library{"opencv", "cv2", 100},
  large_library{"pyarrow", "pyarrow", 120},      large_library{"polars", "polars", 120},
  large_library{"torch", "torch", 300},          large_library{"tensorflow", "tensorflow", 400},
  large_library{"jax", "jax", 200},              large_library{"transformers", "transformers", 350},
};

constexpr std::size_t most_bytes = 1u << 20;
constexpr std::size_t most_processes = 32;

std::string beginning_of(const std::string& file) {
  const unique_fd in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  std::string text;
  std::array<char, 64 * 1024> piece{};
  while (in && text.size() < most_bytes) {
    const auto got = ::read(in.get(), piece.data(), piece.size());
    if (got <= 0) {
      break;
    }
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

bool is_word(char one) {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') || one == '_';
}

/// The words of an import statement that name modules: `import a.b as c, d` has a and d, `from a.b import c` has a.
bool imports(std::string_view line, std::string_view module) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const bool is_from = line.starts_with("from ");
  if (!is_from && !line.starts_with("import ")) {
    return false;
  }
  line.remove_prefix(is_from ? 5 : 7);
  if (is_from) {
    line = line.substr(0, line.find(" import"));
  }
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.starts_with(module) && (line.size() == module.size() || !is_word(line[module.size()]))) {
      return true;
    }
    const auto comma = line.find(',');
    if (comma == std::string_view::npos) {
      return false;
    }
    line.remove_prefix(comma + 1);
  }
}

} // namespace

const large_library* larger_of(const large_library* one, const large_library* other) {
  return one == nullptr || (other != nullptr && other->megabytes > one->megabytes) ? other : one;
}

const large_library* largest_mapped(std::string_view maps) {
  const large_library* largest = nullptr;
  for (const auto& one : libraries) {
    // Compiled modules lie below the library's folder; wheels put what they bring along beside it.
    const auto module = std::string{one.module};
    if (maps.find("/" + module + "/") != std::string_view::npos || maps.find("/" + module + ".libs/") != std::string_view::npos) {
      largest = larger_of(largest, &one);
    }
  }
  return largest;
}

const large_library* largest_imported(std::string_view script) {
  const large_library* largest = nullptr;
  while (!script.empty()) {
    const auto end = script.find_first_of("\n;");
    const auto statement = script.substr(0, end);
    for (const auto& one : libraries) {
      if (imports(statement, one.module)) {
        largest = larger_of(largest, &one);
      }
    }
    script.remove_prefix(end == std::string_view::npos ? script.size() : end + 1);
  }
  return largest;
}

const large_library* largest_mapped_by(const std::vector<pid_t>& processes) {
  const large_library* largest = nullptr;
  for (std::size_t i = 0; i < std::min(processes.size(), most_processes); ++i) {
    largest = larger_of(largest, largest_mapped(beginning_of("/proc/" + std::to_string(processes[i]) + "/maps")));
  }
  return largest;
}

const large_library* largest_imported_by(const std::string& script_file) {
  return script_file.empty() ? nullptr : largest_imported(beginning_of(script_file));
}

} // namespace troupe
