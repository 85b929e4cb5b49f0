#pragma once

#include <troupe/actor.hpp>

#include "tests/history/writer.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace move_actors {

/// An actor whose copies write their history into the folder that the environment names (TROUPE_TEST_HISTORY). One that
/// was born begins a new stream of messages; one that has arrived in a move goes on with it.
class witness : public troupe::actor {
public:
  troupe::async<> pre_run() override;
  troupe::async<> moved() override;
  troupe::json save() const override;
  void restore(const troupe::json& state) override;

protected:
  /// Births and moves that have brought this actor to where it is.
  std::int64_t births() const noexcept { return births_; }
  std::int64_t moves() const noexcept { return moves_; }

  /// Sends `command` to `to`, `count` times, each body with `stream` and `seq` added. False: the rest was refused.
  bool send_noted(const std::string& to, const char* command, troupe::json body, std::uint32_t count = 1);
  /// The body of an ask to `to`, noted as sent; its end is to be given to `note_answer`.
  troupe::json noted_body(const std::string& to, troupe::json body);
  /// What the answer to the body says of its message. True: it was answered by the actor itself.
  bool note_answer(const std::string& to, const troupe::json& body, const troupe::message& answer);
  /// Before anything is done with a message of a witness.
  void note_received(const troupe::message& what);

  history::writer history_;

private:
  void begin();

  std::string stream_;
  std::map<std::string, std::uint64_t> next_; ///< by receiver
  std::int64_t births_ = 0;
  std::int64_t moves_ = 0;
};

/// `{node, name, package, version, pid, births, moves}` of an actor of this library.
troupe::json identity(const troupe::context& ctx, std::int64_t births, std::int64_t moves);

} // namespace move_actors
