#include "metronome.hpp"

namespace test_actors {

using troupe::json;
using troupe::message_ptr;
using troupe::reply;

void metronome::describe(troupe::class_builder<metronome>& builder) {
  builder.doc("Beats.")
    .param("partner", &metronome::partner_, "Whom to ask with each tick; empty: nobody")
    .param("period", &metronome::period_, "Seconds between two ticks")
    .on("start", &metronome::start, "-> started")
    .on("tick", &metronome::tick)
    .on("beat", &metronome::beat, "from the partner -> beaten")
    .on("get", &metronome::get, "-> score {ticks, beats, answered, failed}");
}

reply metronome::start() {
  ctx().add_ticker({.period = troupe::seconds(period_), .name = "beat"});
  ctx().checkpoint(); // it ticks again if it has to be made anew
  return "started";
}

reply metronome::tick() {
  ++ticks_;
  if (!partner_.empty()) {
    ctx().ask_then({.recipient = partner_, .command = "beat"},
                   [this](const message_ptr& answer) { ++(answer->is("beaten") ? answered_ : failed_); });
  }
  return reply::done();
}

reply metronome::beat() {
  ++beats_;
  return "beaten";
}

reply metronome::get() {
  return {"score", json{{"ticks", ticks_}, {"beats", beats_}, {"answered", answered_}, {"failed", failed_}}};
}

} // namespace test_actors
