#pragma once

#include "actors/head/directory_actor.hpp"
#include "runtime/link/fake_link_transport.hpp"
#include "runtime/node/local_node.hpp"
#include "runtime/node/peer_table.hpp"
#include "runtime/node/thread_executor.hpp"
#include "runtime/store/fake_head_store.hpp"
#include "tests/sim/node/manual_executor.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What the actors of a test were told and did; shared by all of them.
struct probe_world {
  std::mutex mutex;
  std::vector<std::string> notes;
  std::atomic<int> births_left{1'000'000}; ///< a constructor after them throws

  void note(std::string what) {
    std::lock_guard lock{mutex};
    notes.push_back(std::move(what));
  }
  std::vector<std::string> noted() {
    std::lock_guard lock{mutex};
    return notes;
  }
};

/// Several nodes and a directory in one process, joined by links in memory. Node 0 is the daemon, which keeps the
/// directory; 1 is the main node. Turns are given by `until` on the test's thread, or by threads of each node's own.
class sim_world {
public:
  enum class turns { manual, threads };

  explicit sim_world(std::size_t nodes = 3, turns how = turns::manual, const std::function<void(node_options&)>& change = {},
                     link_options links = {});
  ~sim_world();

  local_node& node(std::size_t index) { return *places_[index]->node; }
  const std::string& name(std::size_t index) { return node(index).options().node; }
  directory& names() noexcept { return books_.actors.names(); }
  head_books& books() noexcept { return books_; }
  fake_head_store& store() noexcept { return store_; }
  fake_link_network& network() noexcept { return network_; }

  /// Lets things happen until `is_so`; false after `patience`.
  bool until(const std::function<bool()>& is_so, seconds patience = seconds{20});

  /// The answer to an ask from outside of all actors; fails the test if none comes.
  message_ptr ask(std::size_t from, address to, std::string command, json body = nullptr, seconds timeout = seconds{20});
  /// `actor_is_created`'s fact, or the error.
  result<> create(std::size_t where, std::vector<std::string> names, const std::shared_ptr<const class_info>& of,
                  const supervision_spec& supervision = {});
  removal remove(std::size_t where, const std::string& name, seconds patience = seconds{5});
  /// Ends a node as the daemon does after its process has exited: its names, and everybody hears the verdict.
  void kill(std::size_t index);

private:
  struct place {
    std::unique_ptr<fake_link_transport> transport;
    std::unique_ptr<thread_executor> own;
    std::unique_ptr<local_node> node;
  };

  fake_link_network network_;
  manual_executor manual_;
  fake_head_store store_;
  head_books books_{1, store_};
  std::vector<std::unique_ptr<place>> places_;
};

} // namespace troupe
