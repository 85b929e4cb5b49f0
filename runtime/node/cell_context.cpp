// What an actor sees of its cell: sending, asking, timers.
#include "runtime/node/actor_cell.hpp"

#include "runtime/message/encoded_message.hpp"
#include "runtime/node/cell_extras.hpp"
#include "runtime/node/local_node.hpp"

#include <algorithm>

namespace troupe {

/// Answers a message once; dropped unused, it says that the actor forgot. `reply::later` answers nothing: the actor has
/// passed the message on, and whoever gets it answers.
class answer_once {
public:
  answer_once(ref_ptr<actor_cell> cell, message_ptr what) : cell_(std::move(cell)), what_(std::move(what)) {}
  ~answer_once() { (*this)(reply::failed("the actor ended, or forgot the message, before it answered")); }
  void operator()(reply value) {
    if (!used_.exchange(true)) {
      if (value.what() != reply::kind::later) {
        cell_->home().answer(*what_, std::move(value));
      }
      cell_->promise_kept();
    }
  }

private:
  ref_ptr<actor_cell> cell_;
  message_ptr what_;
  std::atomic<bool> used_{false};
};

namespace {

/// The answers of one group ask while they come in.
struct group_run {
  std::vector<group_answer> answers;
  std::size_t missing = 0;
  std::function<void(std::vector<group_answer>)> done;
};

} // namespace

const std::string& actor_cell::node() const noexcept { return home_.options().node; }
const std::string& actor_cell::system() const noexcept { return home_.options().system; }
const std::string& actor_cell::head() const noexcept { return home_.options().head; }

cell_extras& actor_cell::extras() {
  if (!extras_) {
    extras_ = std::make_unique<cell_extras>();
  }
  return *extras_;
}

bool actor_cell::was_forced() const noexcept { return extras_ && extras_->forced; }

/// Remembers to whom the actor has sent, for a move: its messages by the old way must be there before those by the new.
void actor_cell::note_sent(const address& to) {
  if (to.entity.empty() || is_internal_name(to.entity)) {
    return;
  }
  auto& more = extras();
  if (more.last_sent != to.entity) {
    more.last_sent = to.entity;
    more.sent_to.insert(to.entity);
  }
}

result<> actor_cell::send(request what) {
  note_sent(what.recipient);
  if (extras_) {
    if (auto at = extras_->cumulative.find(what.command); at != extras_->cumulative.end()) {
      ++at->second.sent;
    }
  }
  return home_.send(std::move(what));
}

result<> actor_cell::forward(const message& what, address to) {
  note_sent(to);
  message_fields fields;
  fields.command = what.command();
  fields.recipient = std::move(to);
  fields.sender = what.sender();
  fields.timeout_s = what.timeout_s();
  fields.user = what.user();
  fields.trace = what.trace();
  fields.number = what.number();
  fields.origin = what.origin();
  if (const auto& raw = what.encoded(); raw.data != nullptr) {
    return home_.route(make_encoded_message(std::move(fields), raw), lane::ordinary);
  }
  fields.body = what.body();
  return home_.route(std::make_shared<const message>(std::move(fields)), lane::ordinary);
}

void actor_cell::ask_then(request what, std::function<void(message_ptr)> done) {
  std::vector<trace_hop> trace;
  note_sent(what.recipient);
  const bool traced = traces_ && current_;
  if (traced) {
    trace = current_->trace();
  }
  if (extras_) {
    if (auto at = extras_->cumulative.find(what.command); at != extras_->cumulative.end()) {
      ++at->second.asked;
    }
  }
  auto target = what.recipient.entity;
  auto back = [self = ref_ptr<actor_cell>::share(this), current = current_, traced, life = life_,
               done = std::move(done)](message_ptr answer) mutable {
    auto& cell = *self;
    cell.post([self = std::move(self), current = std::move(current), traced, life, done = std::move(done),
               answer = std::move(answer)]() mutable {
      --self->open_asks_;
      self->in_turn(life, current, traced, [&] { done(std::move(answer)); });
    });
  };
  ++open_asks_;
  auto number = home_.open_ask(std::move(what), std::move(trace), traced ? &name_ : nullptr, std::move(back));
  if (traced) {
    outstanding_.emplace_back(number, std::move(target));
  }
}

void actor_cell::group_ask_then(std::vector<request> what, seconds timeout,
                                std::function<void(std::vector<group_answer>)> done) {
  auto run = std::make_shared<group_run>();
  run->missing = what.size();
  run->done = std::move(done);
  run->answers.resize(what.size());
  if (what.empty()) {
    run->done({});
    return;
  }
  for (std::size_t i = 0; i < what.size(); ++i) {
    run->answers[i].recipient = what[i].recipient;
    what[i].timeout = timeout;
    ask_then(std::move(what[i]), [run, i](message_ptr answer) {
      run->answers[i].message = std::move(answer);
      if (--run->missing == 0) {
        run->done(std::move(run->answers));
      }
    });
  }
}

void actor_cell::after(seconds time, std::function<void()> done) {
  auto handle = std::make_shared<timer_service::handle>(0);
  auto fire = [self = ref_ptr<actor_cell>::share(this), handle, current = current_, traced = traces_, life = life_,
               done = std::move(done)]() mutable {
    auto& cell = *self;
    cell.post([self = std::move(self), handle, current = std::move(current), traced, life,
               done = std::move(done)]() mutable {
      if (self->state_ == cell_state::dead) {
        return;
      }
      self->extras().timers.erase(*handle);
      self->in_turn(life, current, traced, done);
    });
  };
  *handle = home_.timers().after(time, std::move(fire));
  extras().timers.insert(*handle);
}

/// Runs a function of the object number `life`. While the actor is frozen, what is its own waits.
void actor_cell::in_turn(std::uint32_t life, const message_ptr& current, bool traced, const std::function<void()>& what) {
  if (state_ == cell_state::dead || life != life_) {
    return;
  }
  if (state_ == cell_state::frozen) {
    extras().stashed.push_back(what);
    return;
  }
  current_ = current;
  traces_ = traced;
  what();
  traces_ = false;
  current_.reset();
}

void actor_cell::promise_kept() {
  if (promises_.fetch_sub(1) == 1 && freezing_.load()) {
    post([self = ref_ptr<actor_cell>::share(this)] { self->freeze_if_quiet(); });
  }
}

responder actor_cell::promise() {
  promises_.fetch_add(1);
  auto once = std::make_shared<answer_once>(ref_ptr<actor_cell>::share(this), current_);
  return responder{std::make_shared<std::function<void(reply)>>([once](reply value) { (*once)(std::move(value)); })};
}

poster actor_cell::make_poster() {
  return [self = ref_ptr<actor_cell>::share(this), life = life_](std::function<void()> what) {
    self->post([self, life, what = std::move(what)] { self->in_turn(life, nullptr, false, what); });
  };
}

std::string actor_cell::add_ticker(ticker_options options) {
  auto& more = extras();
  if (options.name.empty()) {
    options.name = "ticker_" + std::to_string(more.ticker_count++);
  }
  auto name = options.name;
  auto [at, made] = more.tickers.try_emplace(name);
  if (made) {
    const auto delay = options.delay.value_or(seconds{0});
    at->second.due = std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(delay);
    at->second.options = std::move(options);
    start_ticker(name);
  }
  return name;
}

void actor_cell::start_ticker(const std::string& name) {
  using std::chrono::steady_clock;
  auto at = extras().tickers.find(name);
  if (at == extras().tickers.end()) {
    return;
  }
  auto& ticker = at->second;
  home_.timers().cancel(ticker.timer);
  auto fire = [self = ref_ptr<actor_cell>::share(this), name] {
    self->post([self, name] {
      auto& cell = *self;
      auto found = cell.extras().tickers.find(name);
      if (cell.state_ == cell_state::dead || cell.state_ == cell_state::frozen || found == cell.extras().tickers.end() ||
          found->second.due > steady_clock::now()) {
        return;
      }
      auto& due = found->second;
      message_fields fields;
      fields.command = due.options.command;
      fields.recipient = cell.self();
      (void)cell.deliver(cell.home_.make_message(std::move(fields)));
      if (due.options.count && ++due.sent >= *due.options.count) {
        cell.extras().tickers.erase(found);
        return;
      }
      const auto period = std::chrono::duration_cast<steady_clock::duration>(
        std::max(due.options.period, seconds{0.001}));
      due.due = std::max(due.due + period, steady_clock::now());
      cell.start_ticker(name);
    });
  };
  ticker.timer = home_.timers().after(ticker.due - steady_clock::now(), std::move(fire));
}

void actor_cell::remove_ticker(std::string_view name) {
  if (!extras_) {
    return;
  }
  if (auto at = extras_->tickers.find(name); at != extras_->tickers.end()) {
    home_.timers().cancel(at->second.timer);
    extras_->tickers.erase(at);
  }
}

void actor_cell::start_timer(seconds time, json mid) {
  auto& more = extras();
  const auto id = ++more.timer_count;
  const auto due =
    std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(time);
  more.timer_messages[id] = {std::move(mid), 0, due};
  start_timer_message(id);
}

void actor_cell::start_timer_message(std::uint64_t id) {
  auto fire = [self = ref_ptr<actor_cell>::share(this), id] {
    self->post([self, id] {
      if (self->state_ == cell_state::dead || self->state_ == cell_state::frozen) {
        return; // if it lives on, it is started again
      }
      auto fired = self->extras().timer_messages.extract(id);
      if (fired.empty()) {
        return;
      }
      message_fields fields;
      fields.command = "timer";
      fields.body = json{{"mid", fired.mapped().mid}};
      fields.recipient = self->self();
      (void)self->deliver(self->home_.make_message(std::move(fields)));
    });
  };
  auto& timer = extras().timer_messages.at(id);
  home_.timers().cancel(timer.timer);
  timer.timer = home_.timers().after(timer.due - std::chrono::steady_clock::now(), std::move(fire));
}

void actor_cell::print(std::string_view line) { home_.print(line); }

void actor_cell::log(log_level level, std::string_view text) { home_.log(level, name_ + ": " + std::string{text}); }

void actor_cell::stop() {
  home_.remove_actor(name_, seconds{5}, [](removal) {});
}

} // namespace troupe
