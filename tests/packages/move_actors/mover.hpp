#pragma once

#include <troupe/actor.hpp>

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>

namespace move_actors {

/// Moves actors about: with each tick one of `targets`, chosen by chance, to one of `nodes` (null: where it is, with a
/// new object), with the class of one of `packages`; the request goes to any of the `admins`. Never two moves of one
/// actor at once. It counts how they end. Not a witness, and not to be moved itself.
class mover : public troupe::actor {
public:
  static void describe(troupe::class_builder<mover>& builder);

private:
  troupe::reply start();
  troupe::reply stop();
  void tick();
  void ended(const std::string& name, const troupe::message& answer, double seconds);
  troupe::reply count();
  const troupe::json& any(const troupe::json& list);

  troupe::json targets_ = troupe::json::array();
  troupe::json nodes_ = troupe::json::array();
  troupe::json packages_ = troupe::json::array();
  troupe::json admins_ = troupe::json::array();
  double period_ = 0.1;
  double timeout_ = 20;
  std::int64_t most_at_once_ = 8;
  std::int64_t seed_ = 1;
  std::mt19937_64 random_;
  std::set<std::string> moving_;
  std::int64_t asked_ = 0;
  double slowest_ = 0;
  std::map<std::string, std::int64_t> answers_; ///< by command
  std::map<std::string, std::int64_t> reasons_; ///< of those that were not `actor_is_recreated`
};

} // namespace move_actors
