#include "tests/system/answers/command_table.hpp"

namespace system_test {

namespace {

const json echo_class{{"requires_dist", "test_actors"}, {"class", "Echo"}};

/// Understood by every actor and every admin.
std::vector<command_row> common_rows(const std::string& to) {
  return {
    {to, "not_log_commands_set", {{"commands", {"tick"}}}, {"set"}},
    {to, "not_log_commands_remove", {{"commands", {"tick"}}}, {"removed"}},
    {to, "not_log_commands_remove", {{"commands", {"never_set"}}}, {"removed"}},
    {to, "cumulative_commands_set", {{"commands", {"echo", "who"}}}, {"set"}},
    {to, "cumulative_commands_remove", {{"commands", {"echo"}}}, {"removed"}},
    {to, "cumulative_commands_remove", {{"commands", {"who"}}}, {"removed"}},
    {to, "subscribe", {{"command", "echo"}, {"subscriber", "row_actor"}}, {"subscribed"}},
    {to, "unsubscribe", {{"command", "echo"}, {"subscriber", "row_actor"}}, {"unsubscribed"}},
    // The mailbox of an ask ends with its answer: nobody would be notified.
    {to, "subscribe", {{"command", "echo"}}, {"bad_request"}},
    {to, "no_such_command", nullptr, {"is_not_handled"}},
    {to, "update_running", nullptr, {"is_not_handled"}},
  };
}

/// Understood by every admin.
std::vector<command_row> admin_rows(const std::string& to) {
  return {
    {to, "create_actor", {{"class_desc", echo_class}, {"name", "row_" + to}}, {"actor_is_created"}},
    {to, "create_actor", {{"class_desc", echo_class}, {"name", "row_" + to}}, {"actor_is_not_created"}},
    {to, "create_actor", {{"class_desc", echo_class}, {"name", "_hidden"}}, {"actor_is_not_created", "bad_request"}},
    {to, "create_actor", {{"class_desc", echo_class}}, {"actor_is_not_created", "bad_request"}},
    {to, "create_actor", {{"class_desc", echo_class}, {"name", "x"}, {"persist", 1}}, {"bad_request"}},
    {to, "create_actor", {{"class_desc", echo_class}, {"name", "x"}, {"supervision", 1}}, {"bad_request"}},
    {to,
     "create_actor",
     {{"class_desc", {{"requires_dist", "no_such_package"}, {"class", "X"}}}, {"name", "x"}},
     {"actor_is_not_created"}},
    {to,
     "create_actor",
     {{"class_desc", {{"requires_dist", "test_actors"}, {"class", "NoSuchClass"}}}, {"name", "x"}},
     {"actor_is_not_created"}},
    {to,
     "create_actor",
     {{"class_desc", {{"requires_dist", "test_actors >=99"}, {"class", "Echo"}}}, {"name", "x"}},
     {"actor_is_not_created"}},
    {to,
     "create_actors",
     {{"class_desc", echo_class}, {"names", {"row_a_" + to, "row_b_" + to}}},
     {"actors_are_created"}},
    {to,
     "create_actors",
     {{"class_desc", echo_class}, {"names", {"row_c_" + to, "row_b_" + to}}},
     {"actors_are_not_created"}},
    {to, "create_actors", {{"class_desc", echo_class}}, {"actors_are_not_created", "bad_request"}},
    {to, "seek_actor", {{"entity", "row_" + to}}, {"actor_is_found"}},
    {to, "seek_actor", {{"entity", "row_" + to}, {"with_class_desc", true}}, {"actor_is_found"}},
    {to, "seek_actor", {{"entity", "nobody"}}, {"actor_is_not_found"}},
    {to, "find_actor", {{"entity", "row_" + to}}, {"actor_is_found"}},
    {to, "find_actor", {{"entity", "nobody"}}, {"actor_is_not_found"}},
    {to, "get_members", {{"level", "actors"}, {"page_size", 5}}, {"members"}},
    {to, "get_members", {{"level", "actor"}, {"page_size", 5}, {"id", "row_" + to}}, {"members"}},
    {to, "get_members", nullptr, {"members", "bad_request"}},
    {to, "get_members", {{"level", "nonsense"}, {"page_size", 5}}, {"members", "bad_request"}},
    {to,
     "create_actor",
     {{"class_desc", echo_class}, {"name", "row_s_" + to}, {"supervision", {{"on_failure", "restart"}}}},
     {"actor_is_created"}},
    {to,
     "create_actor",
     {{"class_desc", echo_class}, {"name", "row_t_" + to}, {"supervision", {{"on_failure", "explode"}}}},
     {"bad_request"}},
    {to, "create_actors", {{"class_desc", echo_class}, {"names", {"row_t_" + to}}, {"supervision", 1}}, {"bad_request"}},
    {to, "restart_actor", {{"name", "row_" + to}}, {"actor_is_restarted"}},
    {to, "restart_actor", {{"name", "row_actor"}}, {"actor_is_restarted"}},
    {to, "restart_actor", {{"name", "nobody"}}, {"actor_is_not_restarted"}},
    {to, "restart_actor", nullptr, {"bad_request"}},
    {to, "resume_actor", {{"name", "row_" + to}}, {"actor_is_not_resumed"}},
    {to, "resume_actor", {{"name", "nobody"}}, {"actor_is_not_resumed"}},
    {to, "get_supervision", nullptr, {"supervision"}},
    {to, "get_supervision", {{"entity", "row_" + to}}, {"supervision"}},
    {to, "get_supervision", {{"entity", "row_actor"}}, {"supervision"}},
    {to, "get_supervision", {{"entity", "nobody"}}, {"actor_is_not_found"}},
    {to, "get_supervision", {{"entity", 5}}, {"bad_request"}},
    {to, "watch", {{"entity", "row_" + to}, {"watcher", "row_actor"}}, {"watching"}},
    {to, "watch", {{"entity", head_node}, {"watcher", "row_actor"}}, {"watching"}},
    {to, "watch", {{"entity", "nobody"}, {"watcher", "row_actor"}}, {"actor_is_not_found"}},
    // The mailbox of an ask ends with its answer: nobody would be told.
    {to, "watch", {{"entity", "row_" + to}}, {"bad_request"}},
    {to, "unwatch", {{"entity", "row_" + to}, {"watcher", "row_actor"}}, {"unwatched"}},
    {to, "unwatch", {{"entity", "nobody"}, {"watcher", "row_actor"}}, {"unwatched"}},
    {to, "get_losses", nullptr, {"losses"}},
    {to, "get_drain", nullptr, {"drain"}},
    {to, "drain_process", {{"to", {"first.nothing.admin"}}}, {"process_is_drained"}},
    {to, "drain_process", {{"node", "first.nothing.admin"}}, {"process_is_not_drained"}},
    {to, "drain_process", {{"to", 5}}, {"bad_request"}},
    {to, "drain_process", {{"node", {1}}}, {"bad_request"}},
    {to, "get_source_path", nullptr, {"source_path"}},
    {to, "get_work_path", nullptr, {"work_path"}},
    {to, "remove_actor", {{"name", "row_" + to}}, {"actor_is_removed"}},
    {to, "remove_actor", {{"name", "row_" + to}}, {"actor_is_absent"}},
    {to, "remove_actor", nullptr, {"actor_is_absent", "bad_request"}},
  };
}

std::vector<command_row> head_rows() {
  return {
    {"head", "create_process", {{"name", "named"}}, {"actor_is_created"}},
    {"head", "create_process", {{"name", "named"}}, {"process_is_not_created"}},
    {"head", "create_process", {{"name", "a.b"}}, {"process_is_not_created", "bad_request"}},
    {"head", "create_process", {{"name", "x"}, {"restart", "perhaps"}}, {"bad_request"}},
    {"head", "create_process", {{"name", "x"}, {"persist", "yes"}}, {"bad_request"}},
    {"head", "create_process", {{"name", "passing"}, {"restart", "temporary"}}, {"actor_is_created"}},
    {"head", "remove_process", {{"node", "first.passing.admin"}}, {"process_is_removed"}},
    {"head", "resume_process", {{"node", "first.named.admin"}}, {"process_is_not_resumed"}},
    {"head", "resume_process", {{"node", "no node at all"}}, {"process_is_not_resumed"}},
    {"head", "resume_process", nullptr, {"bad_request"}},
    {"head", "get_status", nullptr, {"status"}},
    {"head", "get_all_nodes", nullptr, {"all_nodes"}},
    {"head", "get_local_nodes", nullptr, {"local_nodes"}},
    {"head", "get_members", {{"page_size", 5}}, {"members"}},
    {"head", "get_members", {{"level", "prime"}, {"page_size", 5}}, {"members"}},
    {"head", "get_members", {{"level", "process"}, {"page_size", 5}}, {"members"}},
    {"head", "get_members", {{"level", "process"}, {"page_size", 1}, {"id", "_page_1"}}, {"members"}},
    {"head", "remove_process", {{"node", "first.named.admin"}}, {"process_is_removed"}},
    {"head", "remove_process", {{"node", "first.named.admin"}}, {"process_is_not_removed"}},
    {"head", "remove_process", {{"node", "no node at all"}}, {"process_is_not_removed", "bad_request"}},
  };
}

std::vector<command_row> actor_rows() {
  return {
    {"actor", "get_params", nullptr, {"params"}},
    {"actor", "set_params", {{"params", {{{"name", "note"}, {"value", "noted"}}}}}, {"params_are_set"}},
    {"actor", "set_params", {{"params", {{{"name", "no_such_param"}, {"value", 1}}}}}, {"params_are_set"}},
    {"actor", "set_params", {{"params", {{{"name", "note"}, {"value", 7}}}}}, {"params_are_not_set", "bad_request"}},
    {"actor", "set_params", nullptr, {"params_are_not_set", "bad_request", "params_are_set"}},
  };
}

} // namespace

std::vector<command_row> protocol_rows(const std::string&) {
  std::vector<command_row> rows = head_rows();
  for (const auto* to : {"head", "node"}) {
    for (auto& part : {common_rows(to), admin_rows(to)}) {
      rows.insert(rows.end(), part.begin(), part.end());
    }
  }
  for (auto& part : {common_rows("actor"), actor_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  rows.push_back({"node", "create_process", nullptr, {"is_not_handled"}});
  return rows;
}

bool ends_its_receiver(const std::string& command) {
  return command == "quit";
}

std::vector<json> bad_bodies() {
  json deep = 1;
  for (int i = 0; i < 200; ++i) {
    deep = json::array({deep});
  }
  json wrong_fields = json::object();
  for (const auto* field : {"name", "names", "class_desc", "node", "entity", "level", "id", "page_size", "command",
                            "commands", "params", "with_class_desc", "supervision", "watcher", "to"}) {
    wrong_fields[field] = {{"wrong", {1, nullptr}}};
  }
  json null_fields = json::object();
  json number_fields = json::object();
  for (const auto& [field, value] : wrong_fields.items()) {
    null_fields[field] = nullptr;
    number_fields[field] = -1;
  }
  return {nullptr,
          true,
          -1,
          1e300,
          "text",
          std::string(100'000, 'x'),
          json::array(),
          json::array({1, "two", nullptr}),
          json::object(),
          json{{"", ""}},
          std::move(deep),
          std::move(wrong_fields),
          std::move(null_fields),
          std::move(number_fields)};
}

} // namespace system_test
