#include "runtime/node/creation_run.hpp"

#include "runtime/node/local_node.hpp"

#include <unordered_set>

namespace troupe {

namespace {

constexpr std::size_t longest_name = 255;

result<> check_name(const std::string& name) {
  if (name.empty() || name.size() > longest_name) {
    return fail(error_code::bad_request, "a name has 1 to 255 bytes");
  }
  if (is_internal_name(name)) {
    return fail(error_code::bad_request, "the name " + name + " is the system's own (a leading '_' or 'troupe.')");
  }
  for (const unsigned char letter : name) {
    if (letter < 0x20 || letter == 0x7f) {
      return fail(error_code::bad_request, "a name has no control characters");
    }
  }
  return {};
}

} // namespace

/// Makes the actors of one creation in one turn of the pool.
class birth_job final : public runnable {
public:
  explicit birth_job(std::shared_ptr<creation_run> run) : run_(std::move(run)) {}

  bool run() override {
    for (std::size_t i = 0; i < run_->cells_.size(); ++i) {
      run_->cells_[i]->birth(run_->what_.budget, [run = run_, i](result<> how) { run->born(i, std::move(how)); });
    }
    return false;
  }

private:
  std::shared_ptr<creation_run> run_;
};

void creation_run::begin(local_node& home, name_table& names, executor& pool, creation what,
                         std::function<void(result<>)> done) {
  auto run = std::make_shared<creation_run>(home, names, pool, std::move(what), std::move(done));
  if (auto claimed = run->claim_locally(); !claimed) {
    run->abandon_all();
    run->done_(std::move(claimed));
    return;
  }
  run->reserve();
}

creation_run::creation_run(local_node& home, name_table& names, executor& pool, creation what,
                           std::function<void(result<>)> done)
  : home_(home), names_(names), pool_(pool), what_(std::move(what)), done_(std::move(done)) {}

result<> creation_run::claim_locally() {
  auto of = std::make_shared<const cell_class>(cell_class{what_.of, what_.desc, what_.supervision});
  std::unordered_set<std::string_view> seen;
  for (const auto& name : what_.names) {
    if (auto good = check_name(name); !good) {
      return good;
    }
    if (!seen.insert(name).second) {
      return fail(error_code::name_taken, "the name " + name + " is there twice");
    }
  }
  cells_.reserve(what_.names.size());
  for (const auto& name : what_.names) {
    ref_ptr<actor_cell> cell{new actor_cell(home_, pool_, name, of)};
    if (!names_.add(name, cell)) {
      return fail(error_code::name_taken, "the name " + name + " is in use on this node");
    }
    cells_.push_back(std::move(cell));
  }
  alive_.assign(cells_.size(), 0);
  return {};
}

void creation_run::abandon_all() {
  for (auto& cell : cells_) {
    names_.remove(cell->name(), cell.get()); // free before the refusal is told, not when the cell has its turn
    cell->abandon();
  }
}

void creation_run::reserve() {
  request ask{address{home_.options().daemon_node, std::string{directory_entity}}, "reserve_names",
              json{{"node", home_.options().node},
                   {"names", what_.names},
                   {"class_desc", what_.desc.to_json()},
                   {"supervision", what_.supervision.to_json()},
                   {"persist", what_.persist}},
              seconds{10}, {}, {}};
  home_.open_ask(std::move(ask), {}, nullptr,
                 [run = shared_from_this()](const message_ptr& answer) { run->reserved(*answer); });
}

void creation_run::reserved(const message& answer) {
  if (answer.is("names_are_reserved")) {
    const auto since = epoch::from_json(answer.body().value("epoch", json(nullptr)));
    for (auto& cell : cells_) {
      cell->placed(since);
    }
    give_birth();
    return;
  }
  abandon_all();
  if (answer.is("names_are_taken")) {
    const auto& names = answer.body()["names"];
    done_(fail(error_code::name_taken,
               "the name " + (names.empty() ? std::string{"?"} : names[0].get<std::string>()) + " is in use in the system"));
  } else {
    const auto& body = answer.body();
    done_(fail(error_code::unavailable, "the directory did not reserve the names: " +
                                          (body.is_object() ? body.value("reason", answer.command()) : answer.command())));
  }
}

void creation_run::give_birth() {
  if (cells_.empty()) {
    done_({});
    return;
  }
  missing_ = cells_.size();
  auto* job = new birth_job(shared_from_this());
  pool_.schedule(*job);
  job->unref();
}

void creation_run::born(std::size_t index, result<> how) {
  if (how) {
    alive_[index] = 1;
  } else {
    std::lock_guard lock{mutex_};
    if (!failed_) {
      failed_ = true;
      failure_ = std::move(how.error());
    }
  }
  if (missing_.fetch_sub(1) != 1) {
    return;
  }
  if (failed_) {
    undo();
  } else {
    done_({});
  }
}

/// The names are free, and the failure told, when the exit hooks of those that were alive have run.
void creation_run::undo() {
  auto left = std::make_shared<std::atomic<std::size_t>>(1);
  auto one_less = [run = shared_from_this(), left] {
    if (left->fetch_sub(1) == 1) {
      run->home_.release_names(
        run->what_.names, [run] { run->done_(std::unexpected(run->failure_)); }, "its creation was undone");
    }
  };
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (alive_[i] != 0) {
      left->fetch_add(1);
      cells_[i]->finish("its creation was undone", seconds{1}, one_less);
    } else {
      names_.remove(cells_[i]->name(), cells_[i].get());
      cells_[i]->abandon();
    }
  }
  one_less();
}

} // namespace troupe
