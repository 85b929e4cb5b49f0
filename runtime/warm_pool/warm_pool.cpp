#include <runtime/warm_pool/warm_pool.hpp>

#include <algorithm>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace troupe {
namespace {

constexpr std::size_t most_blocked = 64;

/// Its observer lives, as far as can be seen: it says nothing before it has a plan.
bool is_open(int control) {
  char byte = 0;
  return ::recv(control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

} // namespace

warm_pool::warm_pool(warm_parents& parents, warm_pool_world world, warm_pool_options options)
    : parents_(parents), world_(std::move(world)), options_(options) {}

warm_pool::~warm_pool() {
  close();
}

void warm_pool::end_seats() {
  closed_ = true;
  std::vector<answer> waiting;
  for (auto& [id, one] : entries_) {
    for (auto& seat : std::exchange(one.seats, {})) {
      ending_.push_back(std::move(seat.process));
    }
    for (auto& waits : std::exchange(one.waiting, {})) {
      waiting.push_back(std::move(waits.done));
    }
  }
  for (const auto& done : waiting) {
    done(std::nullopt);
  }
}

bool warm_pool::is_empty() const {
  return std::ranges::all_of(entries_, [](const auto& one) { return one.second.ordered == 0; }) &&
         std::ranges::all_of(ending_, [](const auto& process) {
           pollfd one{process.get(), POLLIN, 0};
           return !process || ::poll(&one, 1, 0) > 0;
         });
}

void warm_pool::close() {
  closed_ = true;
  while (!entries_.empty()) {
    drop(entries_.begin()->first, "");
  }
}

void warm_pool::take(const run_plan& plan, answer done) {
  const auto key = closed_ || options_.most_parents == 0 ? std::nullopt : warm_key_of(plan);
  std::uint64_t id = 0;
  auto* one = key ? find(*key, id) : nullptr;
  if (one != nullptr && one->stamp != world_.stamp(key->python)) {
    drop(id, "it was changed");
    one = nullptr;
  }
  if (one == nullptr) {
    if (key) {
      start(*key);
    }
    done(std::nullopt);
    return;
  }
  one->used = world_.now();
  while (!one->seats.empty()) {
    auto seat = std::move(one->seats.front());
    one->seats.pop_front();
    if (is_open(seat.control.get())) {
      order(*one);
      done(prepared_observer{std::move(seat.control), id});
      return;
    }
  }
  if (one->has_served && one->waiting.size() < options_.most_waiting) {
    one->waiting.push_back({std::move(done), world_.now() + options_.patience});
    world_.after(options_.patience, [this, id, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) {
        give_up_late(id);
      }
    });
    order(*one);
    return;
  }
  order(*one);
  done(std::nullopt);
}

void warm_pool::refused(std::uint64_t source, const std::string& why) {
  const auto found = entries_.find(source);
  if (found != entries_.end() && why.starts_with("stale")) {
    const auto key = found->second.key;
    drop(source, why);
    start(key);
  }
}

warm_pool::entry* warm_pool::find(const warm_key& key, std::uint64_t& id) {
  for (auto& [number, one] : entries_) {
    if (one.key == key) {
      id = number;
      return &one;
    }
  }
  return nullptr;
}

void warm_pool::start(const warm_key& key) {
  std::erase_if(blocked_, [&](const auto& one) { return one.second <= world_.now(); });
  if (closed_ || std::ranges::any_of(blocked_, [&](const auto& one) { return one.first == key; }) || !make_room()) {
    return;
  }
  const auto id = ++last_id_;
  warm_parent_events events;
  events.on_seat = [this, id](warm_seat seat) { on_seat(id, std::move(seat)); };
  events.on_end = [this, id](const std::string& how) { on_end(id, how); };
  auto stamp = world_.stamp(key.python); // before it starts: a change that comes then is seen
  auto parent = parents_.start(key, std::move(events));
  if (!parent) {
    world_.log("no prepared interpreter of " + key.python + ": " + parent.error().text);
    blocked_.emplace_back(key, world_.now() + options_.after_failure);
    return;
  }
  auto& one = entries_[id];
  one.key = key;
  one.stamp = std::move(stamp);
  one.parent = std::move(*parent);
  one.used = world_.now();
  order(one);
  if (!std::exchange(looks_, true)) {
    look();
  }
}

/// The one that was not used for the longest time goes, but not while somebody waits for it.
bool warm_pool::make_room() {
  if (entries_.size() < options_.most_parents) {
    return true;
  }
  const auto oldest = std::ranges::min_element(
    entries_, {}, [](const auto& one) { return std::pair{!one.second.waiting.empty(), one.second.used}; });
  if (!oldest->second.waiting.empty()) {
    return false;
  }
  drop(oldest->first, "there are too many");
  return true;
}

void warm_pool::drop(std::uint64_t id, const std::string& why) {
  auto gone = entries_.extract(id);
  if (!gone) {
    return;
  }
  auto& one = gone.mapped();
  if (!why.empty()) {
    world_.log("a prepared interpreter of " + one.key.python + " ends: " + why);
  }
  for (auto& waits : std::exchange(one.waiting, {})) {
    waits.done(std::nullopt);
  }
}

/// So many are on their way that each who waits gets one and the usual number stays.
void warm_pool::order(entry& one) {
  if (one.ordered == 0) {
    one.heard = world_.now();
  }
  while (one.seats.size() + one.ordered < options_.seats + one.waiting.size()) {
    ++one.ordered;
    one.parent->order();
  }
}

void warm_pool::on_seat(std::uint64_t id, warm_seat seat) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) {
    return;
  }
  auto& one = found->second;
  one.has_served = true;
  one.heard = world_.now();
  one.ordered -= one.ordered > 0 ? 1 : 0;
  if (closed_) {
    ending_.push_back(std::move(seat.process));
    return;
  }
  if (one.waiting.empty()) {
    one.seats.push_back(std::move(seat));
    return;
  }
  auto waits = std::move(one.waiting.front());
  one.waiting.pop_front();
  order(one);
  waits.done(prepared_observer{std::move(seat.control), id});
}

/// A parent that has worked is replaced at once; one that cannot start is left alone for some time.
void warm_pool::on_end(std::uint64_t id, const std::string& how) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) {
    return;
  }
  const auto key = found->second.key;
  const bool had_served = found->second.has_served;
  drop(id, how);
  if (had_served) {
    start(key);
  } else if (blocked_.size() < most_blocked) {
    blocked_.emplace_back(key, world_.now() + options_.after_failure);
  }
}

void warm_pool::give_up_late(std::uint64_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) {
    return;
  }
  auto& waiting = found->second.waiting;
  std::vector<answer> late;
  while (!waiting.empty() && waiting.front().until <= world_.now()) {
    late.push_back(std::move(waiting.front().done));
    waiting.pop_front();
  }
  for (const auto& done : late) {
    done(std::nullopt);
  }
}

void warm_pool::look() {
  std::vector<std::pair<std::uint64_t, const char*>> gone;
  for (const auto& [id, one] : entries_) {
    if (one.waiting.empty() && world_.now() - one.used >= options_.idle) {
      gone.emplace_back(id, "nobody has used it");
    } else if (one.ordered > 0 && world_.now() - one.heard >= options_.silence) {
      gone.emplace_back(id, "it makes nothing");
    } else if (one.stamp != world_.stamp(one.key.python)) {
      gone.emplace_back(id, "it was changed or removed");
    }
  }
  for (const auto& [id, why] : gone) {
    drop(id, why);
  }
  looks_ = !entries_.empty();
  if (looks_) {
    world_.after(options_.look, [this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) {
        look();
      }
    });
  }
}

} // namespace troupe
