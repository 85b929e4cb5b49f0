#include "echo.hpp"
#include "failing_actors.hpp"
#include "fragile.hpp"
#include "memory_actors.hpp"
#include "metronome.hpp"

#include <troupe/package.hpp>

TROUPE_PACKAGE(package) {
  package.add<test_actors::echo>("Echo");
  package.add<test_actors::counter>("Counter");
  package.add<test_actors::collector>("Collector");
  package.add<test_actors::metronome>("Metronome");
  package.add<test_actors::slow_exit>("SlowExit");
  package.add<test_actors::thrower>("Thrower");
  package.add<test_actors::late_answerer>("LateAnswerer");
  package.add<test_actors::slow_birth>("SlowBirth");
  package.add<test_actors::bad_birth>("BadBirth");
  package.add<test_actors::crasher>("Crasher");
  package.add<test_actors::fragile>("Fragile");
}
