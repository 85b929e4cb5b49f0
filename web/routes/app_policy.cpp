#include "web/routes/app_policy.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace troupe {
namespace {

using namespace std::string_view_literals;

constexpr auto sandbox = "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads"sv;

constexpr std::array connection_fields{"connection"sv, "keep-alive"sv, "transfer-encoding"sv, "te"sv, "trailer"sv, "upgrade"sv,
                                       "content-length"sv, "expect"sv};
constexpr std::array kept_from_handlers{"authorization"sv, "cookie"sv};
/// What would act on the whole server, or take the sandbox away.
constexpr std::array kept_from_clients{"set-cookie"sv, "clear-site-data"sv, "strict-transport-security"sv, "server"sv, "date"sv,
                                       "x-content-type-options"sv, "service-worker-allowed"sv, "cross-origin-resource-policy"sv,
                                       "content-security-policy"sv, "referrer-policy"sv, "alt-svc"sv, "www-authenticate"sv,
                                       "nel"sv, "report-to"sv, "reporting-endpoints"sv};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

template <class List>
bool is_in(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

} // namespace

void add_app_policy(const http_request& request, http_response& answer) {
  std::erase_if(answer.fields, [](const auto& each) { return lower(each.name) == "content-security-policy"; });
  answer.fields.push_back({"Content-Security-Policy", std::string(sandbox)});
  answer.fields.push_back({"Cross-Origin-Resource-Policy", "cross-origin"});
  answer.fields.push_back({"Referrer-Policy", "no-referrer"});
  answer.fields.push_back({"Vary", "Origin"});
  if (request.field("origin") == "null") {
    answer.fields.push_back({"Access-Control-Allow-Origin", "null"});
    answer.fields.push_back({"Access-Control-Expose-Headers", "*"});
  }
}

bool is_for_handler(std::string_view name) noexcept {
  return !is_in(connection_fields, name) && !is_in(kept_from_handlers, name) && !name.starts_with("proxy-") &&
         !name.starts_with("sec-websocket-");
}

bool is_for_client(std::string_view name) noexcept {
  const auto plain = lower(name);
  return !is_in(connection_fields, plain) && !is_in(kept_from_clients, plain) && !plain.starts_with("access-control-") &&
         !plain.starts_with("proxy-") && !plain.starts_with("sec-");
}

} // namespace troupe
