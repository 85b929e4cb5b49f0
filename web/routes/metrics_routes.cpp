#include "web/routes/metrics_routes.hpp"

#include <fmt/format.h>

namespace troupe {
namespace {

void line(std::string& out, const char* name, const char* type, const char* help, std::uint64_t value) {
  out += fmt::format("# HELP troupe_web_{0} {1}\n# TYPE troupe_web_{0} {2}\ntroupe_web_{0} {3}\n", name, help, type, value);
}

std::string metric_name(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += plain ? c : '_';
  }
  return out;
}

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '\n' ? "\\n" : c == '"' ? "\\\"" : c == '\\' ? "\\\\" : std::string(1, c);
  }
  return out;
}

void add_numbers(std::string& out, const json& metrics, const std::string& prefix, const std::string& node, int depth) {
  if (!metrics.is_object() || depth > 4) {
    return;
  }
  for (const auto& [key, value] : metrics.items()) {
    const std::string name = prefix + "_" + metric_name(key);
    if (value.is_number()) {
      out += fmt::format("# TYPE {0} untyped\n{0}{{node=\"{1}\"}} {2}\n", name, label_value(node), value.dump());
    } else {
      add_numbers(out, value, name, node, depth + 1);
    }
  }
}

} // namespace

std::string counters_text(const web_counters& counters) {
  std::string out;
  line(out, "connections_total", "counter", "Accepted connections.", counters.connections);
  line(out, "connections_open", "gauge", "Connections that are open now.", counters.connections_open);
  line(out, "connections_refused_total", "counter", "Connections closed because there were too many.",
       counters.connections_refused);
  line(out, "websockets_open", "gauge", "Web sockets that are open now.", counters.websockets_open);
  line(out, "websocket_frames_total", "counter", "Frames received on web sockets.", counters.websocket_frames);
  line(out, "requests_total", "counter", "Requests with a readable head.", counters.requests);
  line(out, "requests_malformed_total", "counter", "Requests refused before a route was found.",
       counters.requests_malformed);
  line(out, "asks_total", "counter", "Messages asked through the gateway.", counters.asks);
  line(out, "asks_unanswered_total", "counter", "Asks that ended with the timer.", counters.asks_unanswered);
  line(out, "sends_total", "counter", "Messages sent through the gateway.", counters.sends);
  out += "# HELP troupe_web_responses_total Responses by class of status.\n# TYPE troupe_web_responses_total counter\n";
  for (std::size_t digit = 1; digit < counters.responses.size(); ++digit) {
    out += fmt::format("troupe_web_responses_total{{status=\"{}xx\"}} {}\n", digit, counters.responses[digit]);
  }
  return out;
}

std::string node_metrics_text(const json& metrics, const std::string& node) {
  std::string out;
  add_numbers(out, metrics, "troupe", node, 0);
  return out;
}

void metrics_routes::add_to(route_table& table) {
  table.add({"GET", "/metrics", route_access::logged_in, 0, [this](route_call call) {
               request what;
               what.recipient = address{world_.actors.node()};
               what.command = "get_metrics";
               what.timeout = seconds(1);
               world_.actors.ask(std::move(what), [this, sink = call.sink](message_ptr answer) {
                 http_response out;
                 out.content_type = "text/plain; version=0.0.4; charset=utf-8";
                 out.body = counters_text(world_.counters);
                 if (answer->is("metrics")) {
                   out.body += node_metrics_text(answer->body(), world_.actors.node());
                 }
                 sink->respond(std::move(out));
               });
             }});
}

} // namespace troupe
