#include "fragile.hpp"

#include "body.hpp"

#include <stdexcept>

namespace test_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

void fragile::describe(troupe::class_builder<fragile>& builder) {
  builder.doc("Counts, and throws when it is told to.")
    .param("word", &fragile::word_, "Any text")
    .on("add", &fragile::add, "-> count {value}")
    .on("get", &fragile::get, "-> count {value}")
    .on("keep", &fragile::keep, "a checkpoint -> kept")
    .on("throw", &fragile::throw_error, "{reason}: throws it")
    .on("throw_later", &fragile::throw_later, "{reason}: throws it after a wait");
}

reply fragile::add() {
  ++count_;
  return get();
}

reply fragile::get() {
  return {"count", json{{"value", count_}}};
}

reply fragile::keep() {
  ctx().checkpoint();
  return "kept";
}

reply fragile::throw_error(const message& what) {
  count_ = -1000;
  throw std::runtime_error(field<std::string>(what, "reason", "thrown on purpose"));
}

troupe::async<reply> fragile::throw_later(const message& what) {
  const auto reason = field<std::string>(what, "reason", "thrown later on purpose");
  co_await ctx().sleep(troupe::seconds(0.01));
  throw std::runtime_error(reason);
}

} // namespace test_actors
