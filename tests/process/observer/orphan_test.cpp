#include "orphan_rounds.hpp"

namespace troupe {
namespace {

class ObserverOrphans : public orphan_rounds {};

TEST_F(ObserverOrphans, NothingOutlivesItsRunWhateverIsKilled) {
  play(20);
}

} // namespace
} // namespace troupe
