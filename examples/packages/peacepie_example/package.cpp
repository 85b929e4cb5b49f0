#include "circle_dancer.hpp"
#include "circle_starter.hpp"
#include "hello_world.hpp"
#include "iterating_hello_world.hpp"

#include <troupe/package.hpp>

TROUPE_PACKAGE(package) {
  package.add<peacepie_example::hello_world>("HelloWorld");
  package.add<peacepie_example::iterating_hello_world>("IteratingHelloWorld");
  package.add<peacepie_example::circle_starter>("CircleStarter");
  package.add<peacepie_example::circle_dancer>("CircleDancer");
}
