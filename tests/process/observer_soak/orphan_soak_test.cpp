#include "tests/process/observer/orphan_rounds.hpp"

namespace troupe {
namespace {

class SoakObserverOrphans : public orphan_rounds {};

TEST_F(SoakObserverOrphans, NothingOutlivesItsRunWhateverIsKilledTwoHundredTimes) {
  play(200);
}

} // namespace
} // namespace troupe
