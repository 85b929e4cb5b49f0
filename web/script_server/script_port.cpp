#include "web/script_server/script_port.hpp"

#include "web/routes/admission.hpp"

#include <unistd.h>

namespace troupe {

namespace asio = boost::asio;

script_port::script_port(std::shared_ptr<asio::io_context> loop, door& actors, access_keeper& access,
                         const script_server_options& options)
  : http_port(std::move(loop), {"the script server", "script_server.port", "script server", options.log, options.limits}),
    door_(actors, gate()), store_(options.folder), shelf_(store_, options.use_inotify), cache_(options.rules.cache),
    queue_(options.rules.queue), gate_(access, ::geteuid(), options.owner_of ? options.owner_of : owner_of_peer),
    world_{web_world{door_, access, timer(), counters()}, options.rules, store_, shelf_, cache_, queue_}, runs_(world_),
    script_routes_(world_), run_routes_(world_, runs_) {
  world_.web.background = &background();
  world_.web.history = options.history;
  if (!options.history.is_null()) {
    runs_.wait_for_earlier();
  }
  script_routes_.add_to(table_);
  run_routes_.add_to(table_);
}

script_port::~script_port() { stop_work(); }

result<std::shared_ptr<script_port>> script_port::open(std::shared_ptr<asio::io_context> loop, door& actors,
                                                       access_keeper& access, const script_server_options& options,
                                                       const listener_options& wish) {
  const auto host = listening_address(wish.host);
  if (!host) {
    return fail(error_code::bad_request, "the script server cannot listen there: " + host.error().text);
  }
  std::shared_ptr<script_port> made(new script_port(std::move(loop), actors, access, options));
  if (auto folder = made->store_.make(); !folder) {
    return std::unexpected(folder.error());
  }
  if (auto bound = made->bind(*host, wish); !bound) {
    return std::unexpected(bound.error());
  }
  if (!host->is_loopback() && options.log) {
    options.log(log_level::warning, "the script server is open on " + shown_place(wish.host, made->number()) +
                                      " without encryption; others need the token");
  }
  return made;
}

std::variant<admission, http_response> script_port::admit(http_request& request, http_peer& peer, bool version_11) {
  if (auto refusal = gate_.check(request, peer)) {
    return std::move(*refusal);
  }
  admission out;
  if (auto refusal = find_route(table_, request, out)) {
    return std::move(*refusal);
  }
  if (auto refusal = plan_body(request, version_11, out)) {
    return std::move(*refusal);
  }
  return out;
}

void script_port::run(const admission& where, http_request request, sink_ptr sink) {
  where.where->run({std::move(request), where.parts, std::move(sink)});
}

} // namespace troupe
