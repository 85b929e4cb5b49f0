// The admin's part in supervision: actors that failed, here or elsewhere.
#include "actors/admin/process_admin.hpp"
#include "runtime/node/node_options.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace troupe {

namespace {

constexpr seconds watch_lookup_time{2};
constexpr double longest_wait_s = 15;
constexpr double part_of_the_budget = 0.9; ///< so that the answer comes before the asker gives up

std::string name_of(const json& body, const char* field) {
  return body.is_object() && body.contains(field) && body[field].is_string() ? body[field].get<std::string>() : std::string{};
}

bool flag_of(const json& body, const char* field) { return body.contains(field) && body[field] == true; }

} // namespace

/// Passes the present message on to where `name` lives; if nobody has it, the asker gets `absent`.
reply process_admin::is_for_owner(const std::string& name, std::function<reply()> absent) {
  request question{address{ports_.daemon_node, std::string{directory_entity}}, "find_name", json{{"name", name}}, watch_lookup_time,
                   {}, {}};
  ctx().ask_then(std::move(question), [this, absent = std::move(absent)](const message_ptr& found) {
    const auto node = found->is("name_is_found") ? found->body().value("node", "") : std::string{};
    if (node.empty() || node == ctx().node()) {
      ctx().promise()(absent());
      return;
    }
    (void)ctx().forward(*ctx().current(), address{node, std::string{local_admin_entity}});
  });
  return reply::later();
}

reply process_admin::restart_actor(const message& what) {
  const auto& body = what.body();
  const auto name = name_of(body, "name");
  if (name.empty()) {
    return reply::bad_request("name", "the actor's name");
  }
  auto refused = [](const std::string& why) { return reply{"actor_is_not_restarted", json{{"reason", why}}}; };
  if (!ports_.node.desc_of(name)) {
    return is_for_owner(name, [refused, name] { return refused("there is no actor " + name); });
  }
  auto reason = name_of(body, "reason");
  auto answer = ctx().promise();
  ports_.node.restart_actor(name, reason.empty() ? "restart_actor was asked for" : reason, flag_of(body, "alone"),
                            [answer, name, refused](const result<>& how) {
                              answer(how ? reply{"actor_is_restarted", json{{"name", name}}} : refused(how.error().text));
                            });
  const auto budget = what.timeout_s() > 0 ? what.timeout_s() : longest_wait_s;
  ctx().after(seconds{std::min(budget * part_of_the_budget, longest_wait_s)}, [this, answer, name, refused] {
    const auto rows = ports_.node.supervision_report(name);
    answer(refused(rows.empty() || !rows[0].contains("command")
                     ? "it takes longer than this request waits; it goes on"
                     : fmt::format("it is at {} and does not end; it is restarted when that ends",
                                   rows[0]["command"].get<std::string>())));
  });
  return reply::later();
}

reply process_admin::resume_actor(const message& what) {
  const auto name = name_of(what.body(), "name");
  if (name.empty()) {
    return reply::bad_request("name", "the actor's name");
  }
  auto refused = [](const std::string& why) { return reply{"actor_is_not_resumed", json{{"reason", why}}}; };
  if (!ports_.node.desc_of(name)) {
    return is_for_owner(name, [refused, name] { return refused("there is no actor " + name); });
  }
  ports_.node.resume_actor(name, [answer = ctx().promise(), name, refused](const result<>& how) {
    answer(how ? reply{"actor_is_resumed", json{{"name", name}}} : refused(how.error().text));
  });
  return reply::later();
}

/// Of one actor, wherever it lives; or of those of this process that failed or are stuck.
reply process_admin::get_supervision(const message& what) {
  const auto& body = what.body();
  if (ports_.is_main && what.recipient().entity != "troupe.admin") {
    return pass_to_daemon(what); // asked as the head: for the whole system
  }
  std::optional<std::string> name;
  if (body.is_object() && body.contains("entity")) {
    name = name_of(body, "entity");
    if (name->empty()) {
      return reply::bad_request("entity", "an actor's name");
    }
    if (!ports_.node.desc_of(*name)) {
      return is_for_owner(*name, [mid = what.mid()] { return reply{"actor_is_not_found", json{{"mid", mid}}}; });
    }
  }
  auto all = ports_.node.supervision_report(name);
  for (auto& row : all) {
    row["node"] = ctx().node();
  }
  return {"supervision", json{{"actors", std::move(all)}}};
}

reply process_admin::is_for_supervisor(const message& what) {
  (void)ctx().forward(what, address{ports_.daemon_node, std::string{supervisor_entity}});
  return reply::later();
}

} // namespace troupe
