#include "runtime/caf/engine/caf_executor.hpp"

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <new>

namespace troupe {

namespace {

/// A runnable as CAF's scheduler sees it. Lives in the runnable's own room and shares its count.
class adapter final : public caf::resumable {
public:
  explicit adapter(runnable& what) : what_(what) {}

  subtype_t subtype() const override { return function_object; }
  resume_result resume(caf::execution_unit*, std::size_t) override { return what_.run() ? resume_later : done; }
  void intrusive_ptr_add_ref_impl() override { what_.ref(); }
  void intrusive_ptr_release_impl() override { what_.unref(); }

private:
  runnable& what_;
};

} // namespace

void caf_executor::schedule(runnable& what) {
  auto& room = what.executor_room();
  static_assert(sizeof(adapter) <= sizeof(room) && alignof(adapter) <= alignof(void*));
  auto* adapted = room[0] == nullptr ? new (room.data()) adapter(what)
                                     : std::launder(reinterpret_cast<adapter*>(room.data()));
  what.ref();
  system_.scheduler().enqueue(adapted);
}

} // namespace troupe
