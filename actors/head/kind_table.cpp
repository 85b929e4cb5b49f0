#include "actors/head/kind_table.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::string key_of(const actor_kind& what) {
  const auto text = [](const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); };
  return text(what.class_desc) + text(what.supervision) + (what.persist ? "p" : "t");
}

} // namespace

bool actor_kind::is_permanent() const {
  return class_desc.is_object() &&
         (!supervision.is_object() || supervision.value("restart", json("permanent")) != "temporary");
}

kind_table::slot& kind_table::slot_of(std::uint32_t number) {
  if (slots_.size() < number) {
    for (auto missing = static_cast<std::uint32_t>(slots_.size()) + 1; missing < number; ++missing) {
      free_.push_back(missing);
    }
    slots_.resize(number);
  }
  return slots_[number - 1];
}

kind_table::noted kind_table::add(const actor_kind& what, std::size_t actors) {
  auto key = key_of(what);
  auto [at, made] = numbers_.try_emplace(key, 0);
  if (made) {
    if (free_.empty()) {
      at->second = static_cast<std::uint32_t>(slots_.size()) + 1;
    } else {
      at->second = free_.back();
      free_.pop_back();
    }
    slot_of(at->second) = slot{what, std::move(key), 0};
  }
  slots_[at->second - 1].actors += actors;
  return {at->second, made};
}

void kind_table::restore(std::uint32_t number, actor_kind what) {
  if (number == 0 || find(number) != nullptr) {
    return;
  }
  auto key = key_of(what);
  numbers_.try_emplace(key, number);
  slot_of(number) = slot{std::move(what), std::move(key), 0};
  std::erase(free_, number);
}

void kind_table::add_to(std::uint32_t number, std::size_t actors) {
  if (find(number) != nullptr) {
    slots_[number - 1].actors += actors;
  }
}

void kind_table::remove_from(std::uint32_t number, std::size_t actors) {
  if (find(number) == nullptr) {
    return;
  }
  auto& slot = slots_[number - 1];
  slot.actors -= std::min(actors, slot.actors);
  if (slot.actors == 0) {
    if (auto at = numbers_.find(slot.key); at != numbers_.end() && at->second == number) {
      numbers_.erase(at);
    }
    slot = {};
    free_.push_back(number);
  }
}

const actor_kind* kind_table::find(std::uint32_t number) const {
  return number == 0 || number > slots_.size() || slots_[number - 1].key.empty() ? nullptr : &slots_[number - 1].what;
}

} // namespace troupe
