// What a cell keeps of its actor, so that it can be made anew: here, or by the head after the death of the process.
#include "runtime/node/actor_cell.hpp"
#include "runtime/node/cell_extras.hpp"
#include "runtime/node/local_node.hpp"

namespace troupe {

namespace {
constexpr seconds pause_of_checkpoints{0.01}; ///< between two that go to the directory
} // namespace

void actor_cell::checkpoint() {
  if (!actor_) {
    return;
  }
  auto& more = extras();
  more.checkpoint = export_state();
  if (class_->supervision.permanent) {
    more.checkpoint_waits = true;
    send_checkpoint();
  }
}

/// The newest one, unless another was sent a moment ago: then at the end of the pause.
void actor_cell::send_checkpoint() {
  auto& more = extras();
  if (more.checkpoint_pause || !more.checkpoint_waits) {
    return;
  }
  more.checkpoint_waits = false;
  more.checkpoint_pause = true;
  (void)home_.send(request{address{home_.options().daemon_node, std::string{directory_entity}}, "keep_checkpoint",
                           json{{"name", name_}, {"epoch", since().to_json()}, {"checkpoint", more.checkpoint}}, {}, {}, {}});
  home_.timers().after(pause_of_checkpoints, [self = ref_ptr<actor_cell>::share(this)] {
    self->post([self] {
      if (self->state_ != cell_state::dead) {
        self->extras().checkpoint_pause = false;
        self->send_checkpoint();
      }
    });
  });
}

/// For a class that wants it: again and again while this object lives.
void actor_cell::start_checkpoints() {
  const seconds every{class_->loaded.info->checkpoint_every_s};
  if (every.count() > 0) {
    after(every, [this] {
      start_checkpoints();
      checkpoint();
    });
  }
}

void actor_cell::set_checkpoint(json checkpoint) { extras().checkpoint = std::move(checkpoint); }

/// Gives a new object the state of the last checkpoint. Who watches this actor, and what is logged of it, belongs to the
/// cell and is newer here.
result<> actor_cell::bring_back_state() {
  if (!extras_ || extras_->checkpoint.is_null()) {
    return {};
  }
  auto kept = extras_->checkpoint;
  for (const auto* own : {"observers", "not_logged", "cumulative"}) {
    kept.erase(own);
  }
  return import_state(kept);
}

} // namespace troupe
