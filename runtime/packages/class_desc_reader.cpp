#include "runtime/packages/class_desc_reader.hpp"

#include "runtime/packages/requirement.hpp"

namespace troupe {

std::expected<class_desc, bad_field> read_class_desc(const json& value, const std::string& field) {
  const auto bad = [&](const std::string& key, std::string expected) {
    return std::unexpected(bad_field{key.empty() ? field : field + "." + key, std::move(expected)});
  };
  if (!value.is_object()) {
    return bad("", "an object {\"requires_dist\": \"<package> <versions>\", \"class\": \"<Class>\"}");
  }
  for (const auto& [key, part] : value.items()) {
    if (key == "index_url" || key == "index-url" || key == "extra-index-url") {
      return bad(key, "nothing: packages come from the package folders, repositories are not supported");
    }
    if (key != "requires_dist" && key != "class") {
      return bad(key, "nothing: a class description has requires_dist and class");
    }
  }
  const auto package = value.find("requires_dist");
  if (package == value.end() || !package->is_string() || package->get_ref<const std::string&>().empty()) {
    return bad("requires_dist",
               "a package with versions, as in \"peacepie_example\" or \"peacepie_example >=0.2, <1\"");
  }
  class_desc out{package->get<std::string>(), {}};
  if (auto parsed = requirement::parse(out.requires_dist); !parsed) {
    return bad("requires_dist", "a package with versions: " + parsed.error().text);
  }
  if (const auto name = value.find("class"); name != value.end() && !name->is_null()) {
    if (!name->is_string() || name->get_ref<const std::string&>().empty()) {
      return bad("class", "the name of a class of the package, or nothing for its first one");
    }
    out.class_name = name->get<std::string>();
  }
  return out;
}

} // namespace troupe
