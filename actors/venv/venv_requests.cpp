#include <actors/venv/venv_requests.hpp>

#include <runtime/venv/package_list.hpp>
#include <runtime/venv/venv_name.hpp>

namespace troupe {
namespace {

constexpr std::size_t most_packages = 1'000;
constexpr std::size_t longest_text = 255;

using refusal = std::unexpected<reply>;

refusal refuse(const char* field, const char* expected) {
  return refusal(reply::bad_request(field, expected));
}

const json* given(const json& body, const char* name) {
  const auto found = body.find(name);
  return found == body.end() || found->is_null() ? nullptr : &*found;
}

bool is_short_text(const json& value) {
  return value.is_string() && !value.get_ref<const std::string&>().empty() &&
         value.get_ref<const std::string&>().size() <= longest_text;
}

/// `packages` is a list of texts, or one text; `spec` may stand beside one package.
std::expected<std::vector<std::string>, reply> read_packages(const json& body) {
  constexpr auto expected = "a list of 1 to 1000 packages, each as `name`, `name==1.0` or `name[extra]>=1,<2`";
  const auto* list = given(body, "packages");
  if (list == nullptr) {
    return refuse("packages", expected);
  }
  const json as_list = list->is_string() ? json::array({*list}) : *list;
  if (!as_list.is_array() || as_list.empty() || as_list.size() > most_packages) {
    return refuse("packages", expected);
  }
  std::string spec;
  if (const auto* one = given(body, "spec")) {
    if (!one->is_string() || as_list.size() != 1) {
      return refuse("spec", "a version specifier like `==2.1` for one package");
    }
    spec = one->get<std::string>();
  }
  std::vector<std::string> out;
  for (const auto& one : as_list) {
    if (!one.is_string() || !is_package_wish(one.get<std::string>() + spec)) {
      return refuse("packages", expected);
    }
    out.push_back(one.get<std::string>() + spec);
  }
  return out;
}

} // namespace

std::expected<venv_request, reply> read_venv_request(const json& body, const venv_fields& wanted,
                                                     const std::string& default_name) {
  if (!body.is_object() && !(body.is_null() && !wanted.name_needed && !wanted.run_needed)) {
    return refuse("body", "an object with `name`");
  }
  const json fields = body.is_null() ? json::object() : body;
  venv_request out;
  out.name = default_name;
  if (const auto* name = given(fields, "name")) {
    if (!name->is_string() || !is_venv_name(name->get_ref<const std::string&>())) {
      return refuse("name", venv_name_rule);
    }
    out.name = name->get<std::string>();
  } else if (wanted.name_needed) {
    return refuse("name", venv_name_rule);
  }
  if (const auto* clean = given(fields, "clean"); clean != nullptr && wanted.clean) {
    if (!clean->is_boolean()) {
      return refuse("clean", "true or false");
    }
    out.clean = clean->get<bool>();
  }
  for (const auto& [field, into] : {std::pair{"run", &out.run}, std::pair{"actor", &out.actor}}) {
    if (const auto* text = given(fields, field)) {
      if (!is_short_text(*text)) {
        return refuse(field, "a text of 1 to 255 bytes");
      }
      *into = text->get<std::string>();
    }
  }
  if (wanted.run_needed && out.run.empty()) {
    return refuse("run", "the id of the run that uses the environment");
  }
  if (wanted.packages) {
    auto packages = read_packages(fields);
    if (!packages) {
      return std::unexpected(packages.error());
    }
    out.packages = std::move(*packages);
  }
  return out;
}

} // namespace troupe
