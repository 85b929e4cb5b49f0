#pragma once

#include "witness.hpp"

namespace move_actors {

/// Counts down to 0, one `beat` to the consumer for each step (PEACEPIE 12.5).
class generator : public witness {
public:
  static void describe(troupe::class_builder<generator>& builder);

private:
  troupe::reply start();
  troupe::reply stop();
  troupe::async<> tick();
  troupe::reply progress();

  double period_ = 2;
  std::int64_t limit_ = 10;
  bool does_ask_ = false;
  double ask_timeout_ = 4;
  std::string consumer_;
  std::int64_t answered_ = 0;
  std::int64_t failed_ = 0;
  std::string problem_;
};

/// Checks that the counts of its generators go down by exactly one, and remembers them.
class consumer : public witness {
public:
  static void describe(troupe::class_builder<consumer>& builder);

private:
  troupe::reply beat(const troupe::message& what);
  troupe::reply sum_up();

  troupe::json limits_ = troupe::json::object();
  std::int64_t beats_ = 0;
  std::int64_t wrong_ = 0;
  std::string problem_;
};

/// Sends to its peers in turn, `burst` messages each `period`, and now and then asks one; receives from everybody.
class chatter : public witness {
public:
  static void describe(troupe::class_builder<chatter>& builder);

private:
  troupe::reply start();
  troupe::reply stop();
  troupe::async<> tick();
  troupe::reply word(const troupe::message& what);
  troupe::reply progress();

  troupe::json peers_ = troupe::json::array();
  double period_ = 0.1;
  std::uint32_t burst_ = 1;
  std::int64_t ask_every_ = 0; ///< each n-th tick asks; 0: none
  double ask_timeout_ = 20;
  bool asks_ = false; ///< it waits for an answer now
  std::int64_t ticks_ = 0;
  std::int64_t said_ = 0;
  std::int64_t heard_ = 0;
  std::int64_t refused_ = 0;
  std::int64_t failed_ = 0;
};

} // namespace move_actors
