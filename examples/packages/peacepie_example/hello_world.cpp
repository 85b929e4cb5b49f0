#include "hello_world.hpp"

namespace peacepie_example {

void hello_world::describe(troupe::class_builder<hello_world>& builder) {
  builder.doc("Prints a greeting for each tick.")
    .on("start", &hello_world::start, "-> started")
    .on("tick", &hello_world::tick, "Prints `Hello, World!` -> hello_world");
}

troupe::reply hello_world::start() {
  return "started";
}

troupe::reply hello_world::tick() {
  ctx().print("Hello, World!");
  return "hello_world";
}

} // namespace peacepie_example
