#pragma once

#include <troupe/actor.hpp>

namespace test_actors {

/// Counts, keeps its count when it is told to, and throws when it is told to.
class fragile : public troupe::actor {
public:
  static void describe(troupe::class_builder<fragile>& builder);
  troupe::json save() const override { return count_; }
  void restore(const troupe::json& state) override { count_ = state.get<int>(); }

private:
  troupe::reply add();
  troupe::reply get();
  troupe::reply keep();
  troupe::reply throw_error(const troupe::message& what);
  troupe::async<troupe::reply> throw_later(const troupe::message& what);

  int count_ = 0;
  std::string word_ = "none";
};

} // namespace test_actors
