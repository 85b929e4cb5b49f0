#include "tests/unit/move/model/frame.hpp"

#include "runtime/node/node_options.hpp"

#include <unordered_map>

namespace troupe::move_model {

const std::string& node_name(id node) {
  static const std::array<std::string, places + 1> names{"a", "b", "c", "d", "head", ""};
  return names[node == nobody ? places : node];
}

const std::string& actor_name(id actor) {
  static const std::array<std::string, most_actors> names{"x", "s", "t", "u", "v"};
  return names[actor];
}

id node_of(const std::string& name) {
  return name.empty() ? nobody : name == "head" ? head : static_cast<id>(name[0] - 'a');
}

message_ptr message_of(const frame& what) {
  static std::unordered_map<std::uint64_t, message_ptr> all;
  const bool marker = what.what == kind::marker;
  const std::uint64_t number = std::uint64_t{marker} << 40 | std::uint64_t{what.name} << 32 |
                               std::uint64_t{what.from} << 16 | what.number;
  auto& found = all[number];
  if (!found) {
    message_fields fields;
    fields.command = marker ? flush_command : "tick";
    fields.number = number;
    if (marker) {
      fields.sender = address{node_name(what.from), "_1"};
    }
    found = std::make_shared<const message>(std::move(fields));
  }
  return found;
}

frame frame_of(const message& what) {
  frame out;
  const auto number = what.number();
  out.what = number >> 40 != 0 ? kind::marker : kind::tick;
  out.name = static_cast<id>(number >> 32 & 0xff);
  out.from = static_cast<id>(number >> 16 & 0xff);
  out.number = static_cast<std::uint16_t>(number & 0xffff);
  return out;
}

std::string to_text(const frame& what) {
  static const std::array names{"tick", "marker",  "flushed", "route", "waits_at", "prepare", "prepared",
                                "make_replica", "ready", "enliven", "resumed", "drop", "note", "commit", "find",
                                "drop_note", "noted", "verdict", "found", "down"};
  std::string out = std::string{names[static_cast<std::size_t>(what.what)]} + "(";
  if (what.from == nobody && what.what == kind::tick) {
    return actor_name(what.name) + " #" + std::to_string(what.number);
  }
  if (what.what == kind::tick) {
    return out + actor_name(what.from) + std::to_string(what.number) + (what.copy ? ", copy)" : ")");
  }
  out += actor_name(what.name);
  out += what.from < places ? " asked by " + node_name(what.from) : "";
  out += what.node != nobody ? " at " + node_name(what.node) : "";
  out += what.since != 0 ? " since " + std::to_string(what.since) : "";
  out += what.number != 0 ? " #" + std::to_string(what.number) : "";
  return out + (what.ok == 1 ? ")" : " no)");
}

} // namespace troupe::move_model
