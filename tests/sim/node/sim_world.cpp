#include "tests/sim/node/sim_world.hpp"

#include "actors/head/supervisor.hpp"

namespace troupe {

sim_world::sim_world(std::size_t nodes, turns how, const std::function<void(node_options&)>& change, link_options links) {
  for (std::size_t i = 0; i < nodes; ++i) {
    node_options options;
    options.node = i == 0   ? "first.main.daemon"
                   : i == 1 ? "first.main.admin"
                            : "first.process_" + std::to_string(i - 2) + ".admin";
    options.incarnation = static_cast<std::uint32_t>(i + 1);
    options.run_folder = "run";
    if (change) {
      change(options);
    }
    auto made = std::make_unique<place>();
    made->transport = std::make_unique<fake_link_transport>(network_, links);
    executor* pool = &manual_;
    if (how == turns::threads) {
      made->own = std::make_unique<thread_executor>();
      pool = made->own.get();
    }
    made->node = std::make_unique<local_node>(options, *pool, *pool, *made->transport);
    EXPECT_TRUE(made->node->peers().listen());
    places_.push_back(std::move(made));
  }
  node(0).install(std::string{directory_entity}, std::string{directory_entity}, make_directory_class(books_));
  supervisor_ports watching{[this](const std::string& name) { return names().find(name); }, "first.main.admin", {}};
  node(0).install(std::string{supervisor_entity}, std::string{supervisor_entity}, make_supervisor_class(watching));
}

sim_world::~sim_world() {
  for (auto& place : places_) {
    place->node->stop();
  }
  until([this] { return network_.run() == 0 && !manual_.step(); });
  for (auto& place : places_) {
    if (place->own) {
      place->own->stop();
    }
  }
  for (auto& place : places_) {
    place->node.reset();
  }
}

bool sim_world::until(const std::function<bool()>& is_so, seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!is_so()) {
    bool worked = network_.step();
    worked = manual_.step() || worked;
    if (!worked) {
      manual_.wait(std::chrono::milliseconds{1});
    }
    if (std::chrono::steady_clock::now() > deadline) {
      return is_so();
    }
  }
  return true;
}

message_ptr sim_world::ask(std::size_t from, address to, std::string command, json body, seconds timeout) {
  struct shared_answer {
    std::mutex mutex;
    message_ptr value;
  };
  auto answer = std::make_shared<shared_answer>();
  const auto text = command + " to " + to.to_string();
  node(from).ask(request{std::move(to), std::move(command), std::move(body), timeout, {}, {}}, [answer](message_ptr what) {
    std::lock_guard lock{answer->mutex};
    answer->value = std::move(what);
  });
  auto got = [&] {
    std::lock_guard lock{answer->mutex};
    return answer->value;
  };
  if (!until([&] { return got() != nullptr; }, timeout + seconds{10})) {
    ADD_FAILURE() << text << " was never answered";
    message_fields nothing;
    nothing.command = "(no answer)";
    return std::make_shared<const message>(std::move(nothing));
  }
  return got();
}

result<> sim_world::create(std::size_t where, std::vector<std::string> names, const std::shared_ptr<const class_info>& of,
                           const supervision_spec& supervision) {
  struct shared_result {
    std::mutex mutex;
    std::optional<result<>> value;
  };
  auto told = std::make_shared<shared_result>();
  creation what{std::move(names), loaded_class{of, "test", "1.0"}, class_desc{"test", of->name}, seconds{5}, supervision};
  node(where).create_actors(std::move(what), [told](result<> how) {
    std::lock_guard lock{told->mutex};
    told->value = std::move(how);
  });
  auto got = [&] {
    std::lock_guard lock{told->mutex};
    return told->value;
  };
  if (!until([&] { return got().has_value(); })) {
    return fail(error_code::internal, "a creation never ended");
  }
  return *got();
}

removal sim_world::remove(std::size_t where, const std::string& name, seconds patience) {
  auto how = std::make_shared<std::atomic<int>>(-1);
  node(where).remove_actor(name, patience, [how](removal ended) { *how = static_cast<int>(ended); });
  EXPECT_TRUE(until([&] { return *how >= 0; })) << "the removal of " << name << " never ended";
  return static_cast<removal>(how->load());
}

void sim_world::kill(std::size_t index) {
  const auto gone = name(index);
  node(index).stop();
  names().release_node(gone);
  (void)node(0).send(request{address{name(0), std::string{supervisor_entity}}, "node_is_gone",
                             json{{"node", gone}, {"reason", "it was killed"}, {"will_restart", false}}, {}, {}, {}});
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (i != index) {
      node(i).node_is_down(gone, "the process " + gone + " died");
    }
  }
}

} // namespace troupe
