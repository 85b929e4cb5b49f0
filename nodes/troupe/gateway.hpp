#pragma once

#include "nodes/troupe/exit_code.hpp"
#include "nodes/troupe/http_client.hpp"

#include <troupe/json.hpp>

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::cli {

/// One actor, node or host as `get_members` lists it.
struct member {
  std::string id;
  std::string recipient;
};

/// The gateway's REST interface in our words. Failures come as what the program ends with: a refusal is
/// `exit_failure` with the gateway's reason, no connection `exit_not_running`, a broken one `exit_connection_lost`.
/// Safe to be used from several threads at once.
class gateway {
public:
  /// `start_hint` tells the user how to start the system.
  gateway(std::unique_ptr<http_client> client, std::string start_hint)
      : client_(std::move(client)), start_hint_(std::move(start_hint)) {}

  attempt<json> status() const;
  /// A new one-time login address.
  attempt<std::string> new_login() const;

  /// The whole answer message.
  attempt<json> ask(const json& recipient, std::string_view command, const json& body, double timeout_s) const;
  attempt<> send(const json& recipient, std::string_view command, const json& body) const;

  /// All members of one level of `recipient`, over all pages.
  attempt<std::vector<member>> members(const std::string& level, const std::string& recipient) const;
  /// How many there are, without listing them.
  attempt<std::size_t> count_members(const std::string& level, const std::string& recipient) const;

  /// `target`: where a task is asked for with such a body.
  attempt<json> create_task(const json& task, std::stop_token stop = {},
                            const std::string& target = "/api/v1/tasks") const;
  /// A page of the history: `query` holds names and values of the query.
  attempt<json> list_tasks(const std::vector<std::pair<std::string, std::string>>& query) const;
  attempt<json> task_tree(const std::string& id) const;
  attempt<json> rerun_task(const std::string& id) const;
  attempt<json> task_state(const std::string& id) const;
  attempt<> remove_task(const std::string& id) const;
  attempt<> cancel_task(const std::string& id) const;
  /// Any JSON value, for the script's `read_json_from_observer`.
  attempt<> send_json(const std::string& id, const json& value) const;
  attempt<> signal_task(const std::string& id, const json& signal) const;
  /// Waits as long as the script does not take the bytes.
  attempt<> write_stdin(const std::string& id, std::string bytes, bool close, std::stop_token stop) const;

  attempt<json> applications() const;
  attempt<json> create_application(const std::string& name) const;
  attempt<json> application(const std::string& id) const;
  attempt<> put_file(const std::string& id, const std::string& path, std::string content) const;
  /// One request about an application: `rest` is what follows its address. The answer's body.
  attempt<std::string> application_call(const std::string& method, const std::string& id, const std::string& rest,
                                        std::string body = {}) const;
  attempt<json> mark_script(const std::string& id, const std::string& path) const;
  attempt<> unmark_script(const std::string& id, const std::string& path) const;

  // Of the script server, when this is connected to it.
  attempt<json> scripts() const;
  attempt<json> script(const std::string& name) const;
  /// Makes it, or replaces it. `fields`: what is stored, without the name. True: it is new.
  attempt<bool> put_script(const std::string& name, json fields) const;
  attempt<> remove_script(const std::string& name) const;
  /// The body of the answer, which takes as long as the script.
  attempt<json> run_script(const std::string& name, const std::string& body, bool fresh) const;

  /// The records of a task's output, as lines of JSON in pieces of any size.
  attempt<> task_output(const std::string& id, std::uint64_t from, bool follow, const body_piece& on_piece,
                        std::stop_token stop = {}) const;
  attempt<> system_log(unsigned lines, bool follow, const body_piece& on_piece, std::stop_token stop = {}) const;

private:
  attempt<std::string> exchange(const http_request& request, std::stop_token stop = {}) const;
  attempt<> stream(http_request request, bool follow, const body_piece& on_piece, std::stop_token stop) const;
  attempt<json> json_exchange(const http_request& request, std::stop_token stop = {}) const;
  attempt<json> members_page(const std::string& level, const std::string& recipient, std::size_t page,
                             std::size_t page_size) const;
  std::unexpected<cli_error> failed(const error& why) const;
  std::unexpected<cli_error> refused(const http_response& response) const;

  std::unique_ptr<http_client> client_;
  std::string start_hint_;
};

/// The id in the name of a task's actor, or the id itself.
std::string task_id_of(std::string_view name_or_id);

/// The address at which a script of an application is run.
std::string application_run_path(const std::string& id, const std::string& script);

/// Bytes for a URL's path or query.
std::string url_encoded(std::string_view text);

} // namespace troupe::cli
