#pragma once

#include <troupe/actor.hpp>

#include <string>

namespace test_actors {

/// An exit hook of `exit_time` seconds; `begun <name>` and `ended <name>` are appended to the file `marks`.
class slow_exit : public troupe::actor {
public:
  static void describe(troupe::class_builder<slow_exit>& builder);
  troupe::async<> exit() override;

private:
  void mark(const std::string& what) const;

  double exit_time_ = 0;
  std::string marks_;
};

/// Handlers that throw.
class thrower : public troupe::actor {
public:
  static void describe(troupe::class_builder<thrower>& builder);

private:
  troupe::reply throw_error();
  troupe::reply throw_number();
  troupe::async<troupe::reply> throw_later();
  troupe::reply well();
};

/// Answers after the asker has given up, twice, or never.
class late_answerer : public troupe::actor {
public:
  static void describe(troupe::class_builder<late_answerer>& builder);

private:
  troupe::reply answer_after(const troupe::message& what);
  troupe::reply answer_twice();
  troupe::reply never();
  troupe::reply drop();

  std::vector<troupe::responder> kept_;
};

/// Takes 3 s to be born.
class slow_birth : public troupe::actor {
public:
  static void describe(troupe::class_builder<slow_birth>& builder);
  troupe::async<> pre_run() override;
};

/// Cannot be born.
class bad_birth : public troupe::actor {
public:
  static void describe(troupe::class_builder<bad_birth>& builder);
  troupe::async<> pre_run() override;
};

/// Ends its whole process.
class crasher : public troupe::actor {
public:
  static void describe(troupe::class_builder<crasher>& builder);

private:
  troupe::reply crash();
  troupe::reply leave(const troupe::message& what);
};

} // namespace test_actors
