#include "web/routes/language.hpp"

#include <cstdlib>

namespace troupe {

std::string choose_language(std::string_view lang, std::string_view accept_language) {
  if (lang == "ru" || lang == "en") {
    return std::string(lang);
  }
  std::string best = "en";
  double best_weight = 0;
  while (!accept_language.empty()) {
    const auto stop = accept_language.find(',');
    auto part = accept_language.substr(0, stop);
    accept_language = stop == std::string_view::npos ? std::string_view{} : accept_language.substr(stop + 1);
    while (!part.empty() && part.front() == ' ') {
      part.remove_prefix(1);
    }
    const auto quality = part.find("q=");
    const double weight = quality == std::string_view::npos ? 1 : std::strtod(std::string(part.substr(quality + 2)).c_str(), nullptr);
    const auto name = part.substr(0, 2);
    const bool ends = part.size() == 2 || (part.size() > 2 && (part[2] == '-' || part[2] == ';' || part[2] == ' '));
    if (ends && (name == "ru" || name == "en") && weight > best_weight) {
      best = name;
      best_weight = weight;
    }
  }
  return best;
}

} // namespace troupe
