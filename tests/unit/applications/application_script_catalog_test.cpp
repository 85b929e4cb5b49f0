#include "tests/unit/applications/applications_fixture.hpp"

#include <runtime/applications/application_script_catalog.hpp>

namespace troupe {
namespace {

namespace fs = std::filesystem;

TEST_F(Applications, TasksOfAnApplicationStartItsMarkedScriptsOnly) {
  const auto id = create();
  write(id, "a.py", "1");
  write(id, "sub/b.py", "1");
  write(id, "lib.py", "1");
  const auto a = *store_().mark(id, "a.py");
  const auto b = *store_().mark(id, "sub/b.py");
  const application_script_catalog scripts(folder_ / "applications");
  const auto app = folder_of(id).string();
  EXPECT_EQ(scripts.find(app, "a.py"), app + "/a.py");
  EXPECT_EQ(scripts.find(app, a), app + "/a.py");
  EXPECT_EQ(scripts.find(app, b), app + "/sub/b.py");
  EXPECT_EQ(scripts.find(app, "lib.py").error().code, error_code::access_denied);
  EXPECT_EQ(scripts.find(app, "../outside.py").error().code, error_code::not_found);
  EXPECT_EQ(scripts.find(app, "").error().code, error_code::bad_request);
  EXPECT_EQ(scripts.find(app + "/sub", "b.py"), app + "/sub/b.py") << "started by its path";
  EXPECT_EQ(scripts.find(app + "/sub", a), app + "/a.py");
  fs::create_directory_symlink(folder_ / "applications", folder_ / "alias");
  const auto alias = (folder_ / "alias" / fs::path(app).filename()).string();
  EXPECT_EQ(scripts.find(alias, "lib.py").error().code, error_code::access_denied) << "another way to the same folder";
}

TEST_F(Applications, FoldersThatAreNoApplicationsKeepTheirRule) {
  fs::create_directory(folder_ / "plain");
  std::ofstream(folder_ / "plain/a.py") << "1";
  const application_script_catalog scripts(folder_ / "applications");
  const auto plain = (folder_ / "plain").string();
  EXPECT_EQ(scripts.find(plain, "a.py"), plain + "/a.py") << "the store is not made yet";
  create();
  EXPECT_EQ(scripts.find(plain, "a.py"), plain + "/a.py");
  EXPECT_EQ(scripts.find("", "a.py").error().code, error_code::not_found);
  EXPECT_EQ(scripts.find((folder_ / "applications").string(), "a.py").error().code, error_code::not_found);
}

} // namespace
} // namespace troupe
