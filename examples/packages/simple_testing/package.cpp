#include "initiator.hpp"
#include "retransmitter.hpp"

#include <troupe/package.hpp>

TROUPE_PACKAGE(package) {
  package.add<simple_testing::initiator>("Initiator");
  package.add<simple_testing::retransmitter>("Retransmitter");
}
