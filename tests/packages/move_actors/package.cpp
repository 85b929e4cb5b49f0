#include "beating_actors.hpp"
#include "heavy_actors.hpp"
#include "mover.hpp"
#include "stubborn_actors.hpp"
#include "traveller.hpp"

#include <troupe/package.hpp>

TROUPE_PACKAGE(package) {
  package.add<move_actors::ball>("Ball");
  package.add<move_actors::ballast>("Ballast");
  package.add<move_actors::bad_restore>("BadRestore");
  package.add<move_actors::bad_save>("BadSave");
  package.add<move_actors::burner>("Burner");
  package.add<move_actors::chatter>("Chatter");
  package.add<move_actors::consumer>("Consumer");
  package.add<move_actors::generator>("Generator");
  package.add<move_actors::lock_holder>("LockHolder");
  package.add<move_actors::mover>("Mover");
  package.add<move_actors::slow_moved>("SlowMoved");
  package.add<move_actors::stays_home>("StaysHome");
  package.add<move_actors::traveller>("Traveller");
}
