#include "web/routes/admission.hpp"

#include "web/routes/problem.hpp"
#include "web/routes/uri.hpp"

#include <algorithm>

namespace troupe {
namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

std::optional<http_response> read_target(http_request& request) {
  const auto mark = request.target.find('?');
  request.path = request.target.substr(0, mark);
  if (mark != std::string::npos) {
    auto query = parse_query(std::string_view(request.target).substr(mark + 1));
    if (!query) {
      return problem(400, "the query has an escape that cannot be decoded");
    }
    request.query = std::move(*query);
  }
  return std::nullopt;
}

http_response wrong_method(const route_table::match& match) {
  auto refusal = problem(405, "the path is there, but not for this method");
  std::string allowed;
  for (const auto& method : match.allowed) {
    allowed += (allowed.empty() ? "" : ", ") + method;
  }
  refusal.fields.push_back({"Allow", std::move(allowed)});
  return refusal;
}

} // namespace

std::optional<http_response> find_route(const route_table& table, http_request& request, admission& out) {
  if (auto refusal = read_target(request)) {
    return refusal;
  }
  auto match = table.find(request.method, request.path);
  if (!match) {
    return problem(400, "the path has an escape that cannot be decoded");
  }
  if (match->found == nullptr) {
    return match->allowed.empty() ? problem(404, "there is nothing at this path") : wrong_method(*match);
  }
  out.where = match->found;
  out.parts = std::move(match->parts);
  return std::nullopt;
}

std::optional<http_response> plan_body(const http_request& request, bool version_11, admission& out) {
  if (const auto refusal = check_framing(request, version_11, out.body)) {
    return problem(refusal->status, refusal->detail);
  }
  const bool has_body = out.body.chunked || out.body.length > 0;
  if (has_body && out.where->max_body == 0) {
    return problem(400, "this request takes no body");
  }
  if (out.body.length > out.where->max_body) {
    return problem(413, "the body may have at most " + std::to_string(out.where->max_body) + " bytes");
  }
  if (request.count("expect") > 0) {
    if (request.count("expect") > 1 || !equals_ignoring_case(request.field("expect"), "100-continue")) {
      return problem(417, "the only expectation that is met is 100-continue");
    }
    out.wants_continue = has_body && version_11;
  }
  return std::nullopt;
}

std::optional<std::string_view> bearer_of(const http_request& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto value = request.field("authorization");
  const bool fits = request.count("authorization") == 1 && value.size() > scheme.size() &&
                    equals_ignoring_case(value.substr(0, scheme.size() - 1), "bearer") && value[scheme.size() - 1] == ' ';
  return fits ? std::optional{value.substr(scheme.size())} : std::nullopt;
}

} // namespace troupe
