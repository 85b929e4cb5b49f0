#include "tests/system/script_server/script_server_system.hpp"

#include "tests/process/venv/wheel.hpp"

namespace system_test {
namespace {

struct wheel_folder {
  wheel_folder() {
    troupe::write_wheel(kept.path() / "wheels", "small", "1.0");
    troupe::write_wheel(kept.path() / "wheels", "small", "2.0");
  }
  std::string path() const { return kept.path() / "wheels"; }
  temp_folder kept;
};

/// Environments are made with Debian's Python and filled from a folder of wheels.
class ScriptServerEnvironments : private wheel_folder, public ScriptServer {
protected:
  ScriptServerEnvironments()
    : ScriptServer({{"venvs", {{"tool", "pip"}, {"python", "/usr/bin/python3"}, {"find_links", path()}, {"offline", true}}}}) {}
};

TEST_F(ScriptServerEnvironments, TheRequirementsOfTheHeaderAreThere) {
  const std::string show = "import importlib.metadata, sys; print(importlib.metadata.version('small'), sys.stdin.read())";
  store("old.py", "# /// script\n# dependencies = [\"small==1.0\"]\n# ///\n" + show);
  store("new.py", "# /// script\n# dependencies = [\n#   \"small>=2\",\n# ]\n# ///\n" + show);
  EXPECT_EQ(run("old.py", {{"data", 7}})["stdout"], "1.0 7\n");
  EXPECT_EQ(run("new.py", {{"data", 8}})["stdout"], "2.0 8\n");
  const auto begun = clock::now();
  EXPECT_EQ(run("old.py", {{"data", 9}})["stdout"], "1.0 9\n");
  EXPECT_LT(since(begun), scaled(5s)) << "its environment is there already";
  store("absent.py", "# /// script\n# dependencies = [\"no-such-package\"]\n# ///\n" + show);
  const auto failed = call("POST", "/run/absent.py");
  EXPECT_EQ(failed.status, 500);
  EXPECT_NE(failed.body.find("requirements"), std::string::npos) << failed.body;
  store("broken.py", "# /// script\n# dependencies = [\n");
  EXPECT_EQ(call("POST", "/run/broken.py").status, 422);
}

TEST_F(ScriptServerEnvironments, AScriptRunsInTheEnvironmentThatItNames) {
  store("where.py", "import sys; print(sys.prefix, sys.stdin.read())", {{"venv", "tools"}});
  const auto first = run("where.py", {{"data", 1}})["stdout"].get<std::string>();
  EXPECT_NE(first.find("venvs/tools 1"), std::string::npos) << first;
  const auto other = run("where.py", {{"data", 1}, {"venv", "others"}})["stdout"].get<std::string>();
  EXPECT_NE(other.find("venvs/others 1"), std::string::npos) << other;
}

} // namespace
} // namespace system_test
