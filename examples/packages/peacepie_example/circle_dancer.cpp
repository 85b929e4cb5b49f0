#include "circle_dancer.hpp"

namespace peacepie_example {

void circle_dancer::describe(troupe::class_builder<circle_dancer>& builder) {
  builder.doc("Holds a tick for a while and passes it to the next one.")
    .param("consumer", &circle_dancer::consumer_, "Name of the actor that gets the tick; empty: it ends here")
    .param("period", &circle_dancer::period_, "Seconds a tick is held")
    .on("tick", &circle_dancer::tick, "Prints name and node, waits, passes the message on -> done");
}

troupe::async<> circle_dancer::tick(const troupe::message&) {
  const auto what = ctx().current();
  ctx().print(ctx().name() + " " + ctx().node());
  co_await ctx().sleep(troupe::seconds{period_});
  if (consumer_.empty()) {
    co_return;
  }
  if (auto sent = ctx().forward(*what, consumer_); !sent) {
    ctx().log(troupe::log_level::warning,
              "The tick stops here: " + consumer_ + " did not take it: " + sent.error().text);
  }
}

} // namespace peacepie_example
