#include "runtime/node/restore_run.hpp"

#include "runtime/node/actor_cell.hpp"

namespace troupe {

namespace {
constexpr seconds birth_budget{10}; ///< for each, its `pre_run` included
} // namespace

/// Makes the actors in one turn of the pool.
class rebirth_job final : public runnable {
public:
  explicit rebirth_job(std::shared_ptr<restore_run> run) : run_(std::move(run)) {}

  bool run() override {
    run_->give_birth();
    return false;
  }

private:
  std::shared_ptr<restore_run> run_;
};

void restore_run::begin(local_node& home, name_table& names, executor& pool, std::vector<restoration> what,
                        std::function<void(json)> done) {
  auto run = std::make_shared<restore_run>(names, std::move(done));
  run->claim(home, pool, std::move(what));
  auto* job = new rebirth_job(run);
  pool.schedule(*job);
  job->unref();
}

void restore_run::claim(local_node& home, executor& pool, std::vector<restoration> what) {
  std::shared_ptr<const cell_class> shared;
  cells_.reserve(what.size());
  for (auto& one : what) {
    const bool same = shared && shared->loaded.info == one.of.info && shared->desc.requires_dist == one.desc.requires_dist &&
                      shared->supervision == one.supervision;
    if (!same) {
      shared = std::make_shared<const cell_class>(cell_class{std::move(one.of), std::move(one.desc), std::move(one.supervision)});
    }
    ref_ptr<actor_cell> cell{new actor_cell(home, pool, one.name, shared)};
    cell->placed(epoch::from_json(one.epoch));
    if (!names_.add(one.name, cell)) {
      note_failure(one.name, "the name is in use on this node");
      cell->abandon();
      continue;
    }
    if (!one.checkpoint.is_null()) {
      cell->set_checkpoint(std::move(one.checkpoint));
    }
    cells_.push_back(std::move(cell));
  }
}

void restore_run::give_birth() {
  missing_ += cells_.size();
  for (auto& cell : cells_) {
    cell->birth(birth_budget, [run = shared_from_this(), cell](const result<>& how) { run->born(cell, how); });
  }
  one_less();
}

void restore_run::born(const ref_ptr<actor_cell>& cell, const result<>& how) {
  if (!how) {
    note_failure(cell->name(), how.error().text);
    names_.remove(cell->name(), cell.get());
    cell->abandon();
  }
  one_less();
}

void restore_run::note_failure(const std::string& name, const std::string& reason) {
  std::lock_guard lock{mutex_};
  failed_.push_back(json{{"name", name}, {"reason", reason}});
}

void restore_run::one_less() {
  if (missing_.fetch_sub(1) == 1) {
    cells_.clear();
    done_(std::move(failed_));
  }
}

} // namespace troupe
