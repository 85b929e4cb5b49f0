#pragma once

#include "tests/history/checker.hpp"
#include "tests/system/harness/test_system.hpp"

#include <string>
#include <vector>

namespace system_test {

struct move_options {
  int processes = 2;
  json config = json::object();
  bool records = true; ///< whether the actors write their histories
};

/// A running system whose actors come from the package `move_actors`, with what tests of moving say again and again.
/// Node 0 is the main one.
class move_world {
public:
  explicit move_world(const move_options& options = {});

  test_system& system() const noexcept { return *system_; }
  const std::vector<std::string>& nodes() const noexcept { return nodes_; }
  const std::string& node(std::size_t index) const { return nodes_.at(index); }

  void create(const std::string& name, const std::string& class_name, const std::string& node,
              const std::string& package = "move_actors ==1.0.0") const;
  /// `recreate_actor`, asked of `admin`. `to` is a node, or null for a new object where it is.
  answer move(const std::string& name, const json& to, const std::string& admin = head_node,
              const json& class_desc = nullptr, milliseconds limit = 20s) const;
  /// As `move`; a failure of the test if it is not moved. One that is refused because the target is still on the old
  /// path of the name is asked for again.
  void must_move(const std::string& name, const json& to, const std::string& admin = head_node,
                 const json& class_desc = nullptr) const;
  answer ask(const json& to, std::string_view command, const json& body = nullptr, milliseconds limit = 5s) const {
    return system_->ask(to, command, body, limit);
  }
  /// The body of the answer to `where` (of a Traveller or Ball); null, and a failure of the test, if there is none.
  json where(const json& actor) const;
  /// The nodes on which an actor of this name is found, by asking each node for its own.
  std::vector<std::string> places(const std::string& name) const;

  /// What the histories say now.
  history::verdict judge(const history::check_options& how = {}) const;
  /// Ends the system first, so that every copy that lives has noted its end.
  history::verdict end_and_judge(const history::check_options& how = {});
  std::string histories() const { return (folder_.path() / "h").string(); }

private:
  temp_folder folder_;
  std::unique_ptr<test_system> system_;
  std::vector<std::string> nodes_;
};

/// The field of a body, or `otherwise` if there is none: an answer that did not come has no body at all.
template <class T>
T field(const answer& what, const char* key, T otherwise) {
  return what.body.is_object() && what.body.contains(key) ? what.body.at(key).get<T>() : otherwise;
}

/// `{"requires_dist", "class"}`
json class_of(const std::string& package, const std::string& class_name);

/// True if a move may be asked for again: the target still passes on messages for this name.
bool is_not_yet(const answer& what);

} // namespace system_test
