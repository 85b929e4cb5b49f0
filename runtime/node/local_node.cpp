#include "runtime/node/local_node.hpp"

#include "runtime/message/wire.hpp"
#include "runtime/node/creation_run.hpp"
#include "runtime/node/peer_table.hpp"
#include "runtime/node/restore_run.hpp"
#include "runtime/node/stuck_watch.hpp"

#include <fmt/format.h>

namespace troupe {

local_node::local_node(node_options options, executor& pool, executor& control, link_transport& transport)
  : options_(std::move(options)), origin_(std::make_shared<const std::string>(options_.origin())), pool_(pool),
    control_(control), next_mid_(static_cast<std::uint64_t>(options_.incarnation) << 32),
    asks_(timers_, options_.incarnation), routes_(options_.node),
    peers_(std::make_unique<peer_table>(*this, transport)), stuck_(new stuck_watch(*this, names_, control_)) {
  routes_.released = [this](const std::string& name) {
    if (auto cell = names_.find(name)) {
      cell->set_guarded(false);
    }
  };
  stuck_->start(seconds{options_.stuck_after_s});
}

local_node::~local_node() { stop(); }

namespace {

/// The runtime's own actors come with their process and leave nothing behind.
supervision_spec runtime_supervision() {
  supervision_spec out;
  out.permanent = false;
  return out;
}

} // namespace

void local_node::install(const std::string& entity, std::string shown, std::shared_ptr<const class_info> of) {
  auto shared = std::make_shared<const cell_class>(
    cell_class{loaded_class{of, "troupe", ""}, class_desc{"troupe", of->name}, runtime_supervision()});
  ref_ptr<actor_cell> cell{new actor_cell(*this, control_, std::move(shown), std::move(shared))};
  names_.add(entity, cell);
  cell->birth(seconds{10}, [this](result<> born) {
    if (!born) {
      log(log_level::error, born.error().text);
    }
  });
}

void local_node::stop() {
  timers_.stop();
  peers_->stop();
  names_.take_all();
}

message_ptr local_node::make_message(message_fields fields) {
  fields.number = next_mid_.fetch_add(1, std::memory_order_relaxed);
  fields.origin = origin_;
  return std::make_shared<const message>(std::move(fields));
}

result<> local_node::check_size(const json& body) const {
  if (body.is_primitive() && !body.is_string() && !body.is_binary()) {
    return {};
  }
  if (wire::cbor_size(body, options_.message_limit) > options_.message_limit) {
    return fail(error_code::too_large, fmt::format("the body is above the limit of {} bytes for one message (or nested "
                                                   "deeper than 1000 levels); send it in pieces or raise "
                                                   "limits.message_bytes",
                                                   options_.message_limit));
  }
  return {};
}

result<> local_node::send(request what) {
  if (auto fits = check_size(what.body); !fits) {
    return fits;
  }
  message_fields fields;
  fields.command = std::move(what.command);
  fields.body = std::move(what.body);
  fields.recipient = std::move(what.recipient);
  fields.sender = std::move(what.sender);
  fields.timeout_s = what.timeout ? what.timeout->count() : 0;
  fields.user = std::move(what.user);
  return route(make_message(std::move(fields)), lane::ordinary);
}

void local_node::ask(request what, std::function<void(message_ptr)> done) {
  open_ask(std::move(what), {}, nullptr, std::move(done));
}

std::uint64_t local_node::open_ask(request what, std::vector<trace_hop> trace, const std::string* asker,
                                   std::function<void(message_ptr)> done) {
  const auto number = asks_.next_number();
  auto fits = check_size(what.body);
  message_fields fields;
  fields.command = std::move(what.command);
  fields.body = fits ? std::move(what.body) : json(nullptr);
  fields.recipient = std::move(what.recipient);
  fields.sender = address{options_.node, fmt::format("_{}", number)};
  fields.timeout_s = what.timeout ? what.timeout->count() : options_.ask_timeout_s;
  fields.user = std::move(what.user);
  fields.trace = std::move(trace);
  if (asker != nullptr) {
    fields.trace.push_back(trace_hop{*asker, number});
  }
  const auto timeout = fields.timeout_s;
  auto question = make_message(std::move(fields));
  auto answer_with = [this, question](std::string command, json body) {
    message_fields answer;
    answer.command = std::move(command);
    answer.body = std::move(body);
    answer.recipient = question->sender();
    return make_message(std::move(answer));
  };
  asks_.open(number, timeout, std::move(done),
             [answer_with, question] { return answer_with("timer", json{{"mid", question->mid()}}); });
  if (!fits) {
    asks_.answer(number, answer_with("bad_request", json{{"field", "body"}, {"expected", fits.error().text}}));
  } else if (auto sent = route(question, lane::ordinary); !sent) {
    const bool full = sent.error().code == error_code::mailbox_full;
    asks_.answer(number, answer_with(full ? "mailbox_full" : "actor_has_failed", json{{"reason", sent.error().text}}));
  }
  return number;
}

void local_node::answer(const message& question, reply what) {
  if (!question.wants_answer()) {
    return;
  }
  message_fields fields;
  if (auto fits = check_size(what.body()); fits) {
    fields.command = what.command();
    fields.body = std::move(what.body());
  } else {
    fields.command = "actor_has_failed";
    fields.body = json{{"reason", "the answer is too large: " + fits.error().text}};
  }
  fields.recipient = question.sender();
  (void)route(make_message(std::move(fields)), lane::answer);
}

void local_node::bounce(const message& what, std::string command, json body, const std::string& reason) {
  if (what.wants_answer()) {
    answer(what, reply{std::move(command), std::move(body)});
  } else {
    letters_.add(what, reason);
    if (options_.log_messages) {
      log(log_level::debug, "dead letter (" + reason + "): " + what.command() + " to " + what.recipient().to_string());
    }
  }
}

void local_node::are_in_doubt(const std::string& node, const std::string& reason,
                              std::map<std::string, std::uint64_t> counts) {
  letters_.add_in_doubt(node, counts);
  // In a turn of its own: the caller may hold the lock of a route.
  later([this, node, reason, counts = std::move(counts)] {
    constexpr std::size_t most_told = 1000;
    std::uint64_t total = 0;
    json named = json::object();
    for (const auto& [name, count] : counts) {
      total += count;
      if (named.size() < most_told) {
        named[name] = count;
      }
    }
    log(log_level::warning, fmt::format("up to {} messages to {} actors may be lost with {}: {}", total, counts.size(),
                                        node, reason));
    message_fields fields;
    fields.command = "messages_are_in_doubt";
    fields.recipient = address{options_.daemon_node, std::string{supervisor_entity}};
    fields.body = json{{"node", node}, {"by", options_.node}, {"count", total}, {"recipients", std::move(named)}};
    (void)route(make_message(std::move(fields)), lane::answer);
  });
}

void local_node::create_actors(creation what, std::function<void(result<>)> done) {
  creation_run::begin(*this, names_, pool_, std::move(what), std::move(done));
}

void local_node::restore_actors(std::vector<restoration> what, std::function<void(json)> done) {
  restore_run::begin(*this, names_, pool_, std::move(what), std::move(done));
}

void local_node::remove_actor(const std::string& name, seconds patience, std::function<void(removal)> done) {
  auto cell = is_internal_name(name) ? ref_ptr<actor_cell>{} : names_.find(name);
  if (!cell) {
    done(removal::absent);
    return;
  }
  cell->finish("removed", patience, [this, cell, name, done = std::move(done)] {
    const auto how = cell->was_forced() ? removal::forced : removal::removed;
    release_names({name}, [how, done] { done(how); }, "it was removed");
  });
}

void local_node::later(std::function<void()> what) { timers_.after(seconds{0}, std::move(what)); }

void local_node::serve_moves(move_service service) {
  moves_ = std::make_shared<const move_service>(std::move(service));
}

void local_node::move_actor(move_order what, std::function<void(move_end)> done) {
  if (moves_) {
    moves_->move(std::move(what), std::move(done));
  } else {
    done({move_end::kind::not_moved, options_.node + " moves no actors", options_.node});
  }
}

void local_node::prepare_replica(replica_order what, std::function<void(result<>)> done) {
  constexpr seconds patience{2};
  constexpr seconds lease{12}; ///< longer than a whole move
  fault("move.target.preparing");
  auto of = std::make_shared<const cell_class>(cell_class{what.of, what.desc, what.supervision});
  replica made;
  made.cell = ref_ptr<actor_cell>{new actor_cell(*this, pool_, what.name, std::move(of))};
  made.from = what.from;
  made.move = what.move;
  made.since = epoch::from_json(what.since);
  const auto name = what.name;
  const auto move = what.move;
  auto ended = std::make_shared<std::atomic<bool>>(false);
  auto once = [this, ended, done = std::move(done), name, move, cell = made.cell](result<> how) {
    if (ended->exchange(true)) {
      if (how) { // too late: nobody knows of this claim
        replicas_.take(name, [&](const replica& one) { return one.cell.get() == cell.get(); });
        cell->abandon();
      }
      return;
    }
    if (how) {
      fault("move.target.prepared");
      timers_.after(lease, [this, name, move] {
        bool left = false;
        replicas_.with(name, [&](replica& one) { left = one.move == move && !one.complete; });
        if (left && moves_) {
          moves_->abandoned(name, move);
        }
      });
    } else {
      cell->abandon();
    }
    done(std::move(how));
  };
  timers_.after(patience, [once, name, node = options_.node] {
    once(fail(error_code::conflict, node + " still passes on messages for " + name + "; try again in a moment"));
  });
  auto attempt = std::make_shared<std::function<void()>>();
  *attempt = [this, name, made, once, ended, again = std::weak_ptr(attempt)] {
    if (ended->load()) {
      return;
    }
    result<> how;
    bool goes_soon = false;
    auto claim = [&] {
      if (auto there = names_.find(name); there && there->since() < made.since) {
        goes_soon = true; // it is just leaving, or a creation whose name the directory will refuse
      } else if (there) {
        how = fail(error_code::name_taken, "it is on " + options_.node + " already");
      } else if (!replicas_.add(name, made)) {
        if (const auto old = replicas_.superseded_by(name, made); old && moves_) {
          moves_->abandoned(name, *old); // its source has given it up, and the word of that is still on its way
          goes_soon = true;
        } else {
          how = fail(error_code::conflict, "another replica of it is being made on " + options_.node);
        }
      }
    };
    // The freed function keeps the attempt alive.
    if (routes_.may_take(name, claim, [kept = again.lock()] { (*kept)(); })) {
      if (goes_soon) {
        constexpr seconds pause{0.001};
        timers_.after(pause, [kept = again.lock()] { (*kept)(); });
      } else {
        once(std::move(how));
      }
    }
  };
  (*attempt)();
}

void local_node::has_left(const std::string& name, const std::string& node, epoch since) {
  route_work work;
  routes_.end_leave(
    name, node, since, [this](const std::string& to, held_message& held) { return send_along(to, held); }, work);
  finish(name, work);
}

void local_node::stop_actors(std::function<void()> done) {
  auto left = std::make_shared<std::atomic<std::size_t>>(1);
  auto one_less = [left, done = std::move(done)] {
    if (left->fetch_sub(1) == 1) {
      done();
    }
  };
  for (const auto& name : names_.names()) {
    if (auto cell = names_.find(name); cell && cell->name() == name && !is_internal_name(name)) {
      left->fetch_add(1);
      cell->finish("the node ends", seconds{1}, one_less);
    }
  }
  one_less();
}

void local_node::release_names(const std::vector<std::string>& names, std::function<void()> done,
                               const std::string& reason) {
  request what{address{options_.daemon_node, std::string{directory_entity}}, "release_names",
               json{{"node", options_.node}, {"names", names}, {"reason", reason}}, seconds{10}, {}, {}};
  open_ask(std::move(what), {}, nullptr, [done = std::move(done)](const message_ptr&) { done(); });
}

void local_node::forget(actor_cell& gone) { names_.remove(gone.name(), &gone); }

std::vector<std::string> local_node::actor_names() const {
  auto all = names_.names();
  std::erase_if(all, [](const std::string& name) { return is_internal_name(name); });
  return all;
}

std::optional<class_desc> local_node::desc_of(const std::string& name) const {
  auto cell = names_.find(name);
  return cell ? std::optional{cell->of().desc} : std::nullopt;
}

json local_node::dead_letter_report(std::size_t most) const { return letters_.to_json(most); }

json local_node::metrics() const {
  return json{{"actors", names_.size()},
              {"asks_waiting", asks_.size()},
              {"routes", routes_.size()},
              {"links", peers_->size()},
              {"messages_delivered", delivered_.load(std::memory_order_relaxed)},
              {"dead_letters", letters_.count()},
              {"messages_unconfirmed", peers_->unconfirmed()},
              {"messages_in_doubt", letters_.in_doubt()}};
}

void local_node::log(log_level level, std::string_view text) const {
  if (options_.log) {
    options_.log(level, text);
  }
}

void local_node::print(std::string_view line) const {
  if (options_.print) {
    options_.print(line);
  }
}

} // namespace troupe
