#pragma once

#include <troupe/class_info.hpp>

#include "actors/head/head_books.hpp"
#include "runtime/caf/engine/caf_engine.hpp"
#include "runtime/node/local_node.hpp"
#include "runtime/node/thread_executor.hpp"
#include "runtime/store/fake_head_store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace bench {

/// One node that is its own daemon: the directory lives in it too. Throws where something fails.
class one_node {
public:
  one_node();
  ~one_node();

  void create(const std::string& name, const troupe::class_info& of);
  /// Waits for the answer.
  troupe::message_ptr ask(const std::string& to, const std::string& command, troupe::json body);
  /// Calls `done` on any thread.
  void ask_later(const std::string& to, const std::string& command, troupe::json body,
                 std::function<void(troupe::message_ptr)> done);

private:
  static troupe::node_options options();

  troupe::caf_engine engine_;
  troupe::thread_executor control_;
  troupe::fake_head_store store_;
  troupe::head_books books_{1, store_};
  troupe::local_node node_;
};

} // namespace bench
