#pragma once

#include "witness.hpp"

namespace move_actors {

/// What the actors below have in common: a count that must survive a move that fails.
class stubborn : public witness {
protected:
  template <class T>
  static void describe_stubborn(troupe::class_builder<T>& builder) {
    builder.param("count", static_cast<std::int64_t T::*>(&T::count_))
      .on("add", static_cast<troupe::reply (T::*)()>(&T::add), "-> sum {count, …where it is}");
  }
  troupe::reply add();
  std::int64_t count_ = 0;
};

/// Cannot say what its state is.
class bad_save : public stubborn {
  friend stubborn;

public:
  static void describe(troupe::class_builder<bad_save>& builder) { describe_stubborn(builder); }
  troupe::json save() const override;
};

/// Does not take its own state.
class bad_restore : public stubborn {
  friend stubborn;

public:
  static void describe(troupe::class_builder<bad_restore>& builder) { describe_stubborn(builder); }
  void restore(const troupe::json& state) override;
};

/// Says that it cannot move now.
class stays_home : public stubborn {
  friend stubborn;

public:
  static void describe(troupe::class_builder<stays_home>& builder);
  std::string stays() const override { return reason_; }

private:
  std::string reason_;
};

/// Takes `seconds` to arrive, or throws when it arrives.
class slow_moved : public stubborn {
  friend stubborn;

public:
  static void describe(troupe::class_builder<slow_moved>& builder);
  troupe::async<> moved() override;

private:
  double seconds_ = 0;
  bool throws_ = false;
};

/// Holds a lock on `file` while it lives: two copies cannot have it.
class lock_holder : public stubborn {
  friend stubborn;

public:
  static void describe(troupe::class_builder<lock_holder>& builder);
  ~lock_holder() override;
  troupe::async<> moved() override;
  troupe::async<> exit() override;

private:
  troupe::reply lock();
  troupe::reply has_lock();
  bool take();
  void release();

  std::string file_;
  int descriptor_ = -1;
};

} // namespace move_actors
