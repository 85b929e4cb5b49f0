#include "actors/head/actor_registry.hpp"

namespace troupe {

std::uint32_t actor_registry::note_kind(const actor_kind& what, std::size_t actors) {
  const auto noted = kinds_.add(what, actors);
  if (noted.is_new && what.is_permanent()) {
    kept_.put_kind({noted.number, what.class_desc, what.supervision, what.persist});
  }
  return noted.number;
}

std::expected<epoch, std::vector<std::string>> actor_registry::reserve(const std::vector<std::string>& names,
                                                                       const std::string& node, const actor_kind& what) {
  const auto kind = note_kind(what, names.size());
  auto made = names_.reserve(names, node, kind);
  if (!made) {
    kinds_.remove_from(kind, names.size());
  } else if (what.is_permanent()) {
    kept_.put_actors(names, node, kind);
  }
  return made;
}

bool actor_registry::reserve_node(const std::string& node) { return names_.reserve({node}, node).has_value(); }

std::optional<std::string> actor_registry::adopt(const std::string& name, const std::string& node, epoch since,
                                                 const actor_kind& what) {
  const auto before = names_.find(name);
  const auto kind = before && before->kind != 0 ? before->kind : note_kind(what, 1);
  const bool is_noted = !before || before->kind == 0;
  auto other = names_.adopt(name, place{node, since, kind});
  const auto now = names_.find(name);
  if (!now || now->node != node || now->since != since) {
    if (is_noted) {
      kinds_.remove_from(kind, 1); // it was released meanwhile, or lives elsewhere
    }
    return other;
  }
  if (const auto* made = kinds_.find(kind); made != nullptr && made->is_permanent() && (is_noted || before->node != node)) {
    kept_.put_actors({name}, node, kind);
  }
  // Of a place that was only written down nothing is left to remove.
  return before && before->since == unconfirmed ? std::nullopt : other;
}

std::size_t actor_registry::release(const std::vector<std::string>& names, const std::string& node) {
  std::vector<std::string> written;
  std::size_t held = 0;
  for (const auto& name : names) {
    const auto found = names_.find(name);
    if (!names_.release(name, node) || !found) { // also if it was not told yet: it must not come back then
      continue;
    }
    ++held;
    if (const auto* kind = kinds_.find(found->kind); kind != nullptr && kind->is_permanent()) {
      written.push_back(name);
    }
    kinds_.remove_from(found->kind, 1);
    checkpoints_.erase(name);
  }
  if (!written.empty()) {
    kept_.drop_actors(std::move(written));
  }
  return held;
}

std::size_t actor_registry::release_node(const std::string& node, bool end) {
  if (!end) {
    for (const auto& held : names_.names_of(node)) {
      kinds_.remove_from(held.kind, 1);
      checkpoints_.erase(held.name);
    }
    kept_.drop_process(node);
  }
  return names_.release_node(node);
}

std::vector<std::string> actor_registry::drop_unconfirmed(const std::string& node) {
  std::vector<std::string> dropped;
  for (auto& held : names_.names_of(node)) {
    if (held.name != node && names_.find(held.name)->since == unconfirmed) {
      dropped.push_back(std::move(held.name));
    }
  }
  release(dropped, node);
  return dropped;
}

std::vector<std::string> actor_registry::lose_node(const std::string& node) {
  std::vector<std::string> temporary;
  for (auto& held : names_.names_of(node)) {
    const auto* kind = kinds_.find(held.kind);
    if (held.name != node && (kind == nullptr || !kind->is_permanent())) {
      temporary.push_back(std::move(held.name));
    }
  }
  release(temporary, node);
  names_.renew(node);
  names_.close_node(node);
  return temporary;
}

result<epoch> actor_registry::move(std::string_view name, const place& from, const std::string& to) {
  auto moved = names_.move(name, from, to);
  if (moved) {
    kept_.move_actor(std::string{name}, to);
  }
  return moved;
}

std::vector<std::pair<std::string, place>> actor_registry::promote_replicas(const std::string& dead) {
  auto promoted = names_.promote_replicas(dead);
  for (const auto& [name, where] : promoted) {
    kept_.move_actor(name, where.node);
  }
  return promoted;
}

bool actor_registry::keep_checkpoint(const std::string& name, epoch since, const json& checkpoint,
                                     const json& class_desc) {
  const auto found = names_.find(name);
  const auto* kind = found ? kinds_.find(found->kind) : nullptr;
  if (kind == nullptr || (since != epoch{} && since < found->since)) {
    return false;
  }
  if (class_desc.is_object() && class_desc != kind->class_desc) {
    const auto other = note_kind({class_desc, kind->supervision, kind->persist}, 1);
    names_.set_kind(name, other);
    kinds_.remove_from(found->kind, 1);
    kind = kinds_.find(other);
    if (kind->is_permanent()) {
      kept_.put_actors({name}, found->node, other);
    }
  }
  auto& bytes = checkpoints_[name];
  bytes = json::to_cbor(checkpoint);
  if (kind->is_permanent()) {
    kept_.keep_checkpoint(name, bytes);
  }
  return true;
}

json actor_registry::checkpoint_of(const std::string& name) const {
  auto at = checkpoints_.find(name);
  if (at == checkpoints_.end()) {
    return nullptr;
  }
  auto value = json::from_cbor(at->second, true, false);
  return value.is_discarded() ? json(nullptr) : value;
}

std::size_t actor_registry::checkpoint_bytes(const std::string& name) const {
  auto at = checkpoints_.find(name);
  return at == checkpoints_.end() ? 0 : at->second.size();
}

std::vector<std::string> actor_registry::permanent_names(const std::string& node) const {
  std::vector<std::string> all;
  for (auto& held : names_.names_of(node)) {
    if (const auto* kind = kinds_.find(held.kind); kind != nullptr && kind->is_permanent()) {
      all.push_back(std::move(held.name));
    }
  }
  return all;
}

json actor_registry::restoration_of(const std::string& name, std::uint32_t restarts) const {
  const auto found = names_.find(name);
  const auto* kind = found ? kinds_.find(found->kind) : nullptr;
  if (kind == nullptr) {
    return nullptr;
  }
  return json{{"name", name},
              {"class_desc", kind->class_desc},
              {"supervision", kind->supervision},
              {"epoch", found->since.to_json()},
              {"checkpoint", checkpoint_of(name)},
              {"restarts", restarts}};
}

const actor_kind* actor_registry::kind_of(const std::string& name) const {
  const auto found = names_.find(name);
  return found ? kinds_.find(found->kind) : nullptr;
}

void actor_registry::load(store_content& from) {
  for (auto& row : from.kinds) {
    kinds_.restore(row.kind, {std::move(row.class_desc), std::move(row.supervision), row.persist});
  }
  for (auto& row : from.actors) {
    if (kinds_.find(row.kind) != nullptr && !names_.find(row.name)) {
      (void)names_.adopt(row.name, {row.node, unconfirmed, row.kind});
      kinds_.add_to(row.kind, 1);
      if (!row.checkpoint.empty()) {
        checkpoints_[row.name] = std::move(row.checkpoint);
      }
    }
  }
  from.actors = {};
  from.kinds = {};
}

} // namespace troupe
