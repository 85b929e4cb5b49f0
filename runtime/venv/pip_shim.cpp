#include "runtime/venv/pip_shim.hpp"

#include <fstream>
#include <string>
#include <system_error>

namespace troupe {

namespace fs = std::filesystem;

namespace {

constexpr auto shim = R"(import os
import sys

name = os.path.basename(sys.prefix)
sys.exit(
    f"this environment has no pip of its own. Install from a script with ompy: Venv({name!r}).install('six'), "
    f"or from the command line: troupe venv install {name} six"
)
)";

void write(const fs::path& file, const std::string& text, bool executable) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(file, ignored))) {
    return;
  }
  std::ofstream{file} << text;
  if (executable) {
    fs::permissions(file, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                            fs::perms::others_exec,
                    ignored);
  }
}

} // namespace

void lay_pip_shim(const fs::path& venv) {
  std::error_code ignored;
  for (fs::directory_iterator version{venv / "lib", ignored}, end; version != end; version.increment(ignored)) {
    const auto packages = version->path() / "site-packages";
    if (!fs::is_directory(packages, ignored) || !fs::create_directory(packages / "pip", ignored)) {
      continue; // no Python's, or pip is there
    }
    write(packages / "pip" / "__main__.py", shim, false);
    const auto line = "#!" + (venv / "bin" / "python").string() + "\nimport runpy\n\nrunpy.run_module(\"pip\", run_name=\"__main__\")\n";
    write(venv / "bin" / "pip", line, true);
    write(venv / "bin" / "pip3", line, true);
  }
}

} // namespace troupe
