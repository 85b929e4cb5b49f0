#pragma once

#include "runtime/directory/directory.hpp"
#include "tests/unit/move/model/model_node.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::move_model {

/// The moves of one actor, one after another.
struct plan {
  id actor = target_actor;
  std::vector<id> targets;
};

/// What happens in a world, and how it is broken on purpose.
struct scenario {
  id nodes = 3;
  std::vector<id> homes;           ///< of each actor; actor 0 is the target of all messages
  std::vector<std::uint8_t> ticks; ///< of each actor
  std::uint8_t warm = 0;           ///< so many messages of each have arrived before anything else happens
  std::vector<plan> plans;
  std::uint8_t deaths = 0;      ///< 0 or 1
  std::uint8_t mortal = 0xff;   ///< bit per node: which may die
  bool refusals = false;        ///< an actor may not stop, a replica may not come to be
  std::uint8_t impatience = 0;  ///< so many moves may run out of time at any moment
  bool mover_queues = false;    ///< movers work later than links
  bool late_markers = false;    ///< a marker goes out later than the lock of its name is free

  // Planted errors.
  bool skip_marker_wait = false;
  bool always_may_take = false;
  bool hop_changes = false;
  bool skip_sender_marks = false;
  bool lose_rest = false;
  bool enliven_early = false;
  bool no_drop = false;
  bool frozen_answers = false;
  bool release_absent = false;
};

struct step {
  enum class what : std::uint8_t { deliver, send, begin, pending, mover, die, cut, head_learns, late, slow } does;
  std::uint8_t a = 0;
  std::uint8_t b = 0;
  std::uint8_t variant = 0;
};

/// One state of a model system: nodes, a head with its real directory, and a FIFO link for each pair of nodes and
/// direction. Copyable; nodes are shared between copies until they change. `enabled` gives every step that may happen
/// next, `take` does one; who tries all of them tries every interleaving.
class world {
public:
  explicit world(const scenario& of);

  std::vector<step> enabled() const;
  void take(const step& one);
  /// What is wrong in this state; empty: nothing. `last`: no step is left.
  std::string problem(bool last) const;
  /// The same for states that cannot be told apart from now on.
  std::uint64_t fingerprint() const;
  std::string to_text(const step& one) const;
  std::string to_text() const;

  // For nodes.
  const scenario& options;
  result<> send(id from, id to, const frame& what);
  static std::uint64_t bit_of(const frame& tick);
  void consume(cell& one);
  id owner(id name) const;
  std::uint8_t since(id name) const;
  std::uint64_t refused = 0;
  std::uint64_t homeless = 0;
  std::uint64_t lost = 0; ///< with a dead node, or on the way to it
  std::array<std::uint8_t, 8> told{};
  bool unanswered = false;
  bool miscounted = false;
  bool planted = false;

private:
  using frames = std::vector<frame>;

  model_node& edit(id node);
  directory& edit_names();
  frames& link(id from, id to) { return links_[from * places + to]; }
  const frames& link(id from, id to) const { return links_[from * places + to]; }
  void warm_up();
  void settle_movers(id node);

  void deliver(id from, id to);
  void head_turn(const frame& what, id from);
  void send_tick(id node, id actor);
  void die(id node);
  void cut(id from, id to);
  void head_learns();
  void slow(const step& one);
  void add_slow(std::vector<step>& out) const;
  void lose(const frame& what, id at);
  void lose_all(id node);

  std::string stuck() const;
  std::string wrong_owner() const;
  std::string wrong_ticks(const cell& one, bool last) const;
  void write(std::string& out, const model_node& one) const;
  void write(std::string& out, const frame& what) const;
  void write(std::string& out, const message_ptr& what) const;
  void write_routes(std::string& out, const model_node& one) const;

  std::shared_ptr<directory> names_;
  std::vector<std::shared_ptr<model_node>> nodes_;
  std::array<frames, places * places> links_;
  std::array<std::uint8_t, most_actors> next_move_{};
  std::uint8_t deaths_left_ = 0;
  std::uint8_t impatience_left_ = 0;
  std::uint8_t notes_left_ = 3;
  id dead_ = nobody;
  bool head_knows_ = false;
  std::string problem_;
};

} // namespace troupe::move_model
