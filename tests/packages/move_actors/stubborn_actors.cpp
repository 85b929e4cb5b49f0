#include "stubborn_actors.hpp"

#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace move_actors {

using troupe::json;
using troupe::reply;

reply stubborn::add() {
  ++count_;
  json out = identity(ctx(), births(), moves());
  out["count"] = count_;
  return {"sum", std::move(out)};
}

json bad_save::save() const {
  throw std::runtime_error("cannot be saved, on purpose");
}

void bad_restore::restore(const json&) {
  throw std::runtime_error("cannot be restored, on purpose");
}

void stays_home::describe(troupe::class_builder<stays_home>& builder) {
  describe_stubborn(builder);
  builder.param("reason", &stays_home::reason_, "Why it cannot move; empty: it can");
}

void slow_moved::describe(troupe::class_builder<slow_moved>& builder) {
  describe_stubborn(builder);
  builder.param("seconds", &slow_moved::seconds_).param("throws", &slow_moved::throws_);
}

troupe::async<> slow_moved::moved() {
  co_await witness::moved();
  co_await ctx().sleep(troupe::seconds{seconds_});
  if (throws_) {
    throw std::runtime_error("cannot arrive, on purpose");
  }
}

void lock_holder::describe(troupe::class_builder<lock_holder>& builder) {
  describe_stubborn(builder);
  builder.param("file", &lock_holder::file_)
    .on("lock", &lock_holder::lock, "-> locked | not_locked")
    .on("has_lock", &lock_holder::has_lock, "-> lock {has, …where it is}");
}

lock_holder::~lock_holder() {
  release();
}

troupe::async<> lock_holder::exit() {
  release();
  return {};
}

bool lock_holder::take() {
  if (descriptor_ >= 0) {
    return true;
  }
  descriptor_ = open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ >= 0 && flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    release();
  }
  return descriptor_ >= 0;
}

void lock_holder::release() {
  if (descriptor_ >= 0) {
    close(descriptor_);
    descriptor_ = -1;
  }
}

reply lock_holder::lock() {
  return take() ? "locked" : "not_locked";
}

reply lock_holder::has_lock() {
  json out = identity(ctx(), births(), moves());
  out["has"] = descriptor_ >= 0;
  return {"lock", std::move(out)};
}

// The old copy may still be on its way out.
troupe::async<> lock_holder::moved() {
  co_await witness::moved();
  for (int i = 0; i < 100 && !file_.empty() && !take(); ++i) {
    co_await ctx().sleep(troupe::seconds{0.01});
  }
  if (!file_.empty() && descriptor_ < 0) {
    throw std::runtime_error("the other copy still has the lock");
  }
}

} // namespace move_actors
