#pragma once

#include <troupe/async.hpp>
#include <troupe/message.hpp>
#include <troupe/reply.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace troupe {

class actor;

/// What a handler gave back: an answer, or a coroutine that will have one.
using outcome = std::variant<reply, async<reply>>;

/// One command of a class.
struct command_info {
  std::function<outcome(actor&, const message&)> handle;
  bool reentrant = false; ///< the actor takes other messages while this handler waits
  std::string doc;
};

/// One parameter of a class: part of the state that moves, set by `set_params`, shown by `get_params`.
struct param_info {
  std::string name;
  std::string type; ///< `number`, `integer`, `boolean`, `string`, `json`; with `?` behind it null is allowed
  std::string doc;
  std::function<json(const actor&)> get;
  /// Says what was expected if `value` does not fit; nothing if it does. Changes nothing.
  std::function<std::optional<std::string>(const json& value)> check;
  /// Assigns a value that `check` accepted.
  std::function<void(actor&, const json& value)> set;
};

/// The table of one actor class, made once per (package, version, class) and shared by all its actors.
struct class_info {
  std::string name;
  std::string doc;
  std::function<std::unique_ptr<actor>()> make;
  std::unordered_map<std::string, command_info> commands;
  std::vector<param_info> params;
  double checkpoint_every_s = 0; ///< the state is kept at this interval; 0: only when the actor or `set_params` says so

  const param_info* find_param(std::string_view param) const {
    for (const auto& info : params) {
      if (info.name == param) {
        return &info;
      }
    }
    return nullptr;
  }
};

} // namespace troupe
