#include "retransmitter.hpp"

namespace simple_testing {

void retransmitter::describe(troupe::class_builder<retransmitter>& builder) {
  builder.doc("Passes a test message on.")
    .param("consumer", &retransmitter::consumer_, "Name of the next actor in the ring")
    .param("first", &retransmitter::first_, "Whether the ring begins and ends here")
    .on("start_test", &retransmitter::start_test, "Sends `test` to the consumer -> done")
    .on("test", &retransmitter::test, "The first one: `quit` to the head; others: on to the consumer -> done");
}

void retransmitter::start_test() {
  (void)ctx().send(consumer_, "test");
}

void retransmitter::test(const troupe::message& what) {
  if (first_) {
    (void)ctx().send(troupe::address::admin_of(ctx().head()), "quit");
  } else {
    (void)ctx().forward(what, consumer_);
  }
}

} // namespace simple_testing
