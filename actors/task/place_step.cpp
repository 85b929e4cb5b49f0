#include <actors/task/place_step.hpp>

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr seconds answer_time{10};
constexpr seconds retry_pause{0.5};
// How often a position is asked for: less often far behind, so that a long queue does not keep its keeper busy.
constexpr double first_pause_s = 1;
constexpr double pause_per_place_s = 0.02;

} // namespace

void place_step::begin(context& where, const task_ports& ports, const std::string& run, std::function<void(std::size_t)> told,
                       done ended) {
  run_ = run;
  giver_ = ports.history;
  told_ = std::move(told);
  waiting_ = std::make_shared<done>(std::move(ended));
  ask(where);
}

void place_step::ask(context& where) {
  request what{giver_, "take_place", json{{"id", run_}, {"actor", where.name()}}, answer_time, {}, {}};
  where.ask_then(std::move(what), [this, &where, wish = std::weak_ptr(waiting_)](message_ptr answer) {
    if (!wish.expired()) {
      answered(where, *answer);
    }
  });
}

void place_step::answered(context& where, const message& answer) {
  const auto& body = answer.body();
  if (answer.is("place_is_taken")) {
    end({});
  } else if (answer.is("queue_is_full")) {
    end(fail(error_code::unavailable, body.is_object() ? body.value("reason", answer.command()) : answer.command()));
  } else if (answer.is("run_is_queued") && body.is_object()) {
    const auto now = std::max<std::size_t>(body.value("place", std::size_t{1}), 1);
    if (std::exchange(position_, now) != now && told_) {
      told_(now);
    }
    ask_later(where, seconds{first_pause_s + pause_per_place_s * static_cast<double>(now)});
  } else { // the daemon is away, or has lost it
    ask_later(where, retry_pause);
  }
}

void place_step::ask_later(context& where, seconds pause) {
  where.after(pause, [this, &where, wish = std::weak_ptr(waiting_)] {
    if (!wish.expired()) {
      ask(where);
    }
  });
}

bool place_step::take() {
  if (!is_waiting()) {
    return false;
  }
  end({});
  return true;
}

void place_step::end(result<> how) {
  position_ = 0;
  told_ = nullptr;
  const auto tell = std::exchange(waiting_, nullptr);
  (*tell)(std::move(how));
}

void place_step::give_up() {
  position_ = 0;
  told_ = nullptr;
  waiting_.reset();
}

} // namespace troupe
