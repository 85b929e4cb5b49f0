#pragma once

#include <troupe/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Where a message goes or came from. Forms on the wire (PEACEPIE 1.3): null (the admin of the sender's node), a string
/// (an actor's name, a node's name or an ask-entity `_n`), `{"node", "entity"}`, and the same with `"system"`.
struct address {
  std::string node;   ///< empty: not given, the directory knows
  std::string entity; ///< empty: the admin of `node`
  std::string system; ///< empty: this system

  address() = default;
  address(const char* name) : entity(name) {}
  address(std::string name) : entity(std::move(name)) {}
  address(std::string_view name) : entity(name) {}
  address(std::string node_name, std::string entity_name)
    : node(std::move(node_name)), entity(std::move(entity_name)) {}

  /// The admin of `node_name`.
  static address admin_of(std::string node_name) { return {std::move(node_name), std::string{}}; }

  bool is_null() const noexcept { return node.empty() && entity.empty(); }

  /// `_n`: the temporary mailbox of one ask; it means something only on its own node.
  bool is_ask() const noexcept { return !entity.empty() && entity.front() == '_'; }

  bool operator==(const address&) const = default;

  json to_json() const {
    if (is_null()) {
      return nullptr;
    }
    if (node.empty() && system.empty()) {
      return entity;
    }
    json out = json::object();
    if (!system.empty()) {
      out["system"] = system;
    }
    out["node"] = node.empty() ? json(nullptr) : json(node);
    out["entity"] = entity.empty() ? json(nullptr) : json(entity);
    return out;
  }

  /// Nothing if `value` is not one of the forms above.
  static std::optional<address> from_json(const json& value) {
    if (value.is_null()) {
      return address{};
    }
    if (value.is_string()) {
      return address{value.get_ref<const std::string&>()};
    }
    if (!value.is_object()) {
      return std::nullopt;
    }
    address out;
    for (const auto& [key, field] : value.items()) {
      std::string* target = key == "node" ? &out.node : key == "entity" ? &out.entity : key == "system" ? &out.system : nullptr;
      if (target == nullptr || !(field.is_string() || field.is_null())) {
        return std::nullopt;
      }
      if (field.is_string()) {
        *target = field.get<std::string>();
      }
    }
    return out;
  }

  /// For people: `name`, `node/name`, `node`.
  std::string to_string() const {
    if (is_null()) {
      return "(own admin)";
    }
    if (node.empty()) {
      return entity;
    }
    return entity.empty() ? node : node + "/" + entity;
  }
};

} // namespace troupe
