#include "hostile_scripts.hpp"
#include "run_fixture.hpp"

#include <algorithm>

namespace troupe {
namespace {

/// Each script: contained, its end explained, and a good run beside it undisturbed.
class HostileScript : public run_fixture, public testing::WithParamInterface<hostile_script> {
protected:
  run_plan limited(run_plan what) {
    what.memory_limit = 60u << 20;
    what.process_limit = 64;
    what.timeout = 2s;
    what.stop_grace = 200ms;
    what.open_file_limit = 100;
    what.disk_limit = 30u << 20;
    what.spool_limit = 4u << 20;
    return what;
  }
};

TEST_P(HostileScript, IsContainedAndItsEndIsExplained) {
  const auto& script = GetParam();
  auto& neighbour = start(shell("i=0; while test $i -lt 20; do echo $i; i=$((i+1)); sleep 0.01; done"));
  auto what = limited(script.language == std::string{"sh"} ? shell(script.text) : python(script.text));
  what.stdin_open = script.has_input;
  auto& one = start(what);
  const auto end = one.ended();
  ASSERT_TRUE(end) << "it did not end";
  EXPECT_NE(std::ranges::find(script.outcomes, to_string(end->outcome)), script.outcomes.end())
    << to_string(end->outcome) << ": " << end->reason;
  EXPECT_NE(end->reason.find(script.reason), std::string::npos) << end->reason;
  EXPECT_FALSE(end->reason.empty() && end->exit_code != 0) << "an end without a reason";
  EXPECT_TRUE(eventually([&] { return processes_of_run(what.id, 0).empty(); }));
  EXPECT_LE(std::filesystem::exists(spool_file_of(what.folder)) ? std::filesystem::file_size(spool_file_of(what.folder)) : 0,
            what.spool_limit + 4096);
  const auto other = neighbour.ended();
  ASSERT_TRUE(other);
  EXPECT_EQ(other->exit_code, 0) << other->reason;
}

INSTANTIATE_TEST_SUITE_P(All, HostileScript, testing::ValuesIn(hostile_scripts()),
                         [](const auto& info) { return std::string{info.param.name}; });

} // namespace
} // namespace troupe
