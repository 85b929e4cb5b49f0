#include "tests/bench/local/one_node.hpp"

#include "actors/head/directory_actor.hpp"

#include <future>
#include <stdexcept>

namespace bench {

namespace {
constexpr troupe::seconds patience{120};
}

one_node::one_node() : node_(options(), engine_.pool(), control_, engine_.transport()) {
  node_.install(std::string{troupe::directory_entity}, "directory", troupe::make_directory_class(books_));
}

one_node::~one_node() {
  std::promise<void> stopped;
  node_.stop_actors([&stopped] { stopped.set_value(); });
  stopped.get_future().wait();
  node_.stop();
  control_.stop();
  engine_.stop();
}

troupe::node_options one_node::options() {
  troupe::node_options options;
  options.daemon_node = options.node;
  return options;
}

void one_node::create(const std::string& name, const troupe::class_info& of) {
  troupe::creation what;
  what.names = {name};
  what.of = troupe::loaded_class{std::make_shared<const troupe::class_info>(of), "bench", "1.0.0"};
  what.desc = troupe::class_desc{"bench", of.name};
  std::promise<troupe::result<>> created;
  node_.create_actors(std::move(what), [&created](troupe::result<> how) { created.set_value(std::move(how)); });
  if (auto how = created.get_future().get(); !how) {
    throw std::runtime_error(how.error().text);
  }
}

void one_node::ask_later(const std::string& to, const std::string& command, troupe::json body,
                         std::function<void(troupe::message_ptr)> done) {
  node_.ask(troupe::request{troupe::address{to}, command, std::move(body), patience, {}, {}}, std::move(done));
}

troupe::message_ptr one_node::ask(const std::string& to, const std::string& command, troupe::json body) {
  std::promise<troupe::message_ptr> came;
  ask_later(to, command, std::move(body), [&came](troupe::message_ptr answer) { came.set_value(std::move(answer)); });
  return came.get_future().get();
}

} // namespace bench
