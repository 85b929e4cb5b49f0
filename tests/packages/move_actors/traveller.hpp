#pragma once

#include "witness.hpp"

namespace move_actors {

/// Shows what a move keeps: notes, counts, ticks, and which copy it is.
class traveller : public witness {
public:
  static void describe(troupe::class_builder<traveller>& builder);
  troupe::async<> exit() override;
  troupe::json save() const override;
  void restore(const troupe::json& state) override;

private:
  troupe::reply where();
  troupe::reply learn(const troupe::message& what);
  troupe::reply hear(const troupe::message& what);
  troupe::reply say(const troupe::message& what);
  troupe::async<troupe::reply> work(const troupe::message& what);
  troupe::reply block(const troupe::message& what);
  troupe::reply start_ticks(const troupe::message& what);
  void tick();
  troupe::reply timer(const troupe::message& what);
  troupe::reply start_timer(const troupe::message& what);
  troupe::json own_move(const troupe::message& what) const;
  troupe::reply go(const troupe::message& what);
  troupe::async<troupe::reply> ask_go(const troupe::message& what);
  void note_accepted();
  void note_recreated();
  void note_not_recreated(const troupe::message& what);

  std::string note_;
  double exit_time_ = 0;
  troupe::json learnt_;  ///< state that is no parameter
  std::int64_t heard_ = 0;
  std::int64_t begun_ = 0;
  std::int64_t done_ = 0;
  std::int64_t ticks_ = 0;
  troupe::json timers_ = troupe::json::array();
  std::string told_; ///< of its own moves
};

} // namespace move_actors
