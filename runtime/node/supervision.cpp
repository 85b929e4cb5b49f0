// The part of local_node that looks after actors that failed.
#include "runtime/node/local_node.hpp"
#include "runtime/node/stuck_watch.hpp"

#include <algorithm>

namespace troupe {

namespace {
constexpr seconds stop_patience{5};

result<> not_here(const std::string& name) { return fail(error_code::not_found, "there is no actor " + name + " here"); }
} // namespace

std::uint32_t local_node::tick() const noexcept { return stuck_->tick(); }

void local_node::restart_actor(const std::string& name, const std::string& reason, bool alone,
                               std::function<void(result<>)> done) {
  auto cell = is_internal_name(name) ? ref_ptr<actor_cell>{} : names_.find(name);
  if (!cell) {
    done(not_here(name));
    return;
  }
  cell->restart(reason, alone, std::move(done));
}

void local_node::resume_actor(const std::string& name, std::function<void(result<>)> done) {
  auto cell = is_internal_name(name) ? ref_ptr<actor_cell>{} : names_.find(name);
  if (!cell) {
    done(not_here(name));
    return;
  }
  cell->resume(std::move(done));
}

void local_node::stop_failed(const std::string& name, const std::string& reason) {
  if (auto cell = names_.find(name)) {
    cell->finish(reason, stop_patience, [this, name, reason] { release_names({name}, [] {}, reason); });
  }
}

json local_node::supervision_report(const std::optional<std::string>& name) const {
  json all = json::array();
  auto add = [&](const std::string& actor, const std::string& command, const actor_cell::work& at) {
    auto row = failures_.report(actor);
    if (auto time = stuck_->too_long(at)) {
      row["state"] = "stuck";
      row["command"] = command;
      row["since_s"] = time->count();
    }
    all.push_back(std::move(row));
  };
  if (name) {
    if (auto cell = is_internal_name(*name) ? ref_ptr<actor_cell>{} : names_.find(*name)) {
      const auto at = cell->at_work();
      add(*name, at.command != nullptr ? *at.command : std::string{}, at);
    }
    return all;
  }
  auto stuck = stuck_->stuck();
  std::erase_if(stuck, [](const auto& one) { return is_internal_name(one.name); });
  for (const auto& one : stuck) {
    add(one.name, one.command, one.at);
  }
  for (const auto& actor : failures_.actors()) {
    if (std::ranges::none_of(stuck, [&](const auto& one) { return one.name == actor; })) {
      add(actor, {}, {});
    }
  }
  return all;
}

} // namespace troupe
