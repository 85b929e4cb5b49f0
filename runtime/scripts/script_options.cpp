#include "runtime/scripts/script_options.hpp"

#include "runtime/venv/venv_name.hpp"

#include <array>

namespace troupe {
namespace {

constexpr double largest_limit = 10.0 * 365 * 24 * 3600;
constexpr std::array fields{"venv", "timeout", "memoryLimit", "env"};

const json* given(const json& object, const char* field) {
  const auto found = object.find(field);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

bool is_text(const json& value) {
  return value.is_string() && value.get_ref<const std::string&>().find('\0') == std::string::npos;
}

std::unexpected<error> wrong(const char* field, const char* expected) {
  return fail(error_code::bad_request, "`" + std::string(field) + "` must be " + expected);
}

result<> read_limit(const json& object, const char* field, std::optional<double>& out) {
  if (const auto* value = given(object, field)) {
    if (!value->is_number() || value->get<double>() == 0 || value->get<double>() >= largest_limit) {
      return wrong(field, "a number above 0, or below 0 for no limit");
    }
    out = value->get<double>();
  }
  return {};
}

result<> read_env(const json& object, std::map<std::string, std::string>& out) {
  const auto* value = given(object, "env");
  if (value == nullptr) {
    return {};
  }
  if (!value->is_object()) {
    return wrong("env", "an object of texts");
  }
  for (const auto& [name, one] : value->items()) {
    if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos || !is_text(one)) {
      return wrong("env", "an object of texts");
    }
    out[name] = one.get<std::string>();
  }
  return {};
}

} // namespace

bool is_script_option(const std::string& field) {
  for (const char* each : fields) {
    if (field == each) {
      return true;
    }
  }
  return false;
}

result<script_options> script_options::from_json(const json& object) {
  script_options out;
  if (const auto* venv = given(object, "venv")) {
    if (!venv->is_string() || !is_venv_name(venv->get_ref<const std::string&>())) {
      return wrong("venv", venv_name_rule);
    }
    out.venv = venv->get<std::string>();
  }
  if (auto read = read_limit(object, "timeout", out.timeout_s); !read) {
    return std::unexpected(read.error());
  }
  if (auto read = read_limit(object, "memoryLimit", out.memory_mb); !read) {
    return std::unexpected(read.error());
  }
  if (auto read = read_env(object, out.env); !read) {
    return std::unexpected(read.error());
  }
  return out;
}

json script_options::to_json() const {
  json out = json::object();
  if (venv) {
    out["venv"] = *venv;
  }
  if (timeout_s) {
    out["timeout"] = *timeout_s;
  }
  if (memory_mb) {
    out["memoryLimit"] = *memory_mb;
  }
  if (!env.empty()) {
    out["env"] = env;
  }
  return out;
}

script_options script_options::over(const script_options& below) const {
  script_options out = *this;
  out.venv = venv ? venv : below.venv;
  out.timeout_s = timeout_s ? timeout_s : below.timeout_s;
  out.memory_mb = memory_mb ? memory_mb : below.memory_mb;
  out.env.insert(below.env.begin(), below.env.end());
  return out;
}

} // namespace troupe
