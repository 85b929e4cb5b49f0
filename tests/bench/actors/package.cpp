#include "asker.hpp"
#include "creator.hpp"
#include "move_timer.hpp"
#include "receivers.hpp"
#include "sender.hpp"

#include <troupe/package.hpp>

TROUPE_PACKAGE(package) {
  package.add<bench_actors::asker>("Asker");
  package.add<bench_actors::counter>("Counter");
  package.add<bench_actors::creator>("Creator");
  package.add<bench_actors::echo>("Echo");
  package.add<bench_actors::idle>("Idle");
  package.add<bench_actors::move_timer>("MoveTimer");
  package.add<bench_actors::sender>("Sender");
}
