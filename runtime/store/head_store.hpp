#pragma once

#include "runtime/store/store_content.hpp"

#include <troupe/result.hpp>

#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// What the head writes down of the system, so that the next daemon can bring it back. Changes are taken in order and
/// written later, many in one transaction; a call returns at once, unless a very long queue has to be waited for.
/// Thread-safe.
class head_store {
public:
  virtual ~head_store() = default;

  /// Adds a process, or replaces what is known of it.
  virtual void put_process(process_row what) = 0;
  /// Forgets a process with its actors and their checkpoints.
  virtual void drop_process(std::string node) = 0;

  virtual void put_kind(kind_row what) = 0;
  virtual void put_actors(std::vector<std::string> names, std::string node, std::uint32_t kind) = 0;
  virtual void move_actor(std::string name, std::string node) = 0;
  /// Forgets actors with their checkpoints.
  virtual void drop_actors(std::vector<std::string> names) = 0;
  /// CBOR. Only the newest of an actor is kept; the one kind of change that a power failure may undo.
  virtual void keep_checkpoint(std::string name, std::vector<std::uint8_t> checkpoint) = 0;

  virtual void set_next_number(std::uint64_t number) = 0;
  virtual void set_booted() = 0;
  /// The last change of a daemon that ends in order.
  virtual void set_clean_end() = 0;

  /// Calls `done`, on any thread, when all changes so far are on disk, or with the reason why they are not (they stay
  /// queued and are tried again).
  virtual void flush(std::function<void(result<>)> done) = 0;
};

} // namespace troupe
