#include "web/routes/cookies.hpp"

namespace troupe {

std::vector<std::string> cookie_values(const http_request& request, std::string_view name) {
  std::vector<std::string> out;
  for (const auto& field : request.fields) {
    if (field.name != "cookie") {
      continue;
    }
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto stop = rest.find(';');
      auto part = rest.substr(0, stop);
      rest = stop == std::string_view::npos ? std::string_view{} : rest.substr(stop + 1);
      while (!part.empty() && part.front() == ' ') {
        part.remove_prefix(1);
      }
      if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') {
        out.emplace_back(part.substr(name.size() + 1));
      }
    }
  }
  return out;
}

std::string set_cookie(const std::string& name, const std::string& value) {
  return name + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + (value.empty() ? "; Max-Age=0" : "");
}

} // namespace troupe
