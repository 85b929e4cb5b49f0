#include "runtime/packages/manifest.hpp"

#include "runtime/packages/requirement.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::unexpected<error> bad(const std::string& field, const std::string& expected) {
  return fail(error_code::package_error, "manifest.json: \"" + field + "\" must be " + expected);
}

/// A relative path of plain names: no `..`, no empty or hidden piece, nothing that could leave the folder.
bool is_inner_path(std::string_view path) {
  if (path.empty() || path.size() > 512) {
    return false;
  }
  while (true) {
    const auto slash = path.find('/');
    const auto piece = path.substr(0, slash);
    const bool plain = !piece.empty() && piece.front() != '.' && std::ranges::none_of(piece, [](char c) {
      return c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (!plain) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    path.remove_prefix(slash + 1);
  }
}

bool is_sha256(const json& value) {
  if (!value.is_string()) {
    return false;
  }
  const auto& text = value.get_ref<const std::string&>();
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

result<> read_files(const json& document, manifest& out) {
  const auto files = document.find("files");
  if (files == document.end() || !files->is_object() || files->empty()) {
    return bad("files", "an object of file names and their SHA-256");
  }
  for (const auto& [path, hash] : files->items()) {
    if (!is_inner_path(path) || path == manifest_file_name) {
      return bad("files", "made of plain paths inside the package's folder, not \"" + path + "\"");
    }
    if (!is_sha256(hash)) {
      return bad("files." + path, "a SHA-256 in 64 lower-case hex digits");
    }
    out.files.emplace(path, hash.get<std::string>());
  }
  out.library = text_of(document, "library");
  if (!out.files.contains(out.library)) {
    return bad("library", "one of \"files\"");
  }
  return {};
}

result<> read_classes(const json& document, manifest& out) {
  const auto classes = document.find("classes");
  if (classes == document.end() || !classes->is_array() || classes->empty()) {
    return bad("classes", "an array with at least one class");
  }
  for (const auto& one : *classes) {
    if (!one.is_object() || text_of(one, "name").empty()) {
      return bad("classes", "an array of objects with a \"name\"");
    }
    manifest_class read{text_of(one, "name"), text_of(one, "doc"), json::array(), json::array()};
    if (const auto found = one.find("commands"); found != one.end() && found->is_array()) {
      read.commands = *found;
    }
    if (const auto found = one.find("params"); found != one.end() && found->is_array()) {
      read.params = *found;
    }
    out.classes.push_back(std::move(read));
  }
  std::ranges::sort(out.classes, {}, &manifest_class::name);
  return {};
}

result<> read_requirements(const json& document, manifest& out) {
  const auto found = document.find("requirements");
  if (found == document.end()) {
    return {};
  }
  if (!found->is_array()) {
    return bad("requirements", "an array of texts");
  }
  for (const auto& one : *found) {
    if (!one.is_string()) {
      return bad("requirements", "an array of texts");
    }
    if (auto parsed = requirement::parse(one.get_ref<const std::string&>()); !parsed) {
      return bad("requirements", "an array of requirements: " + parsed.error().text);
    }
    out.requirements.push_back(one.get<std::string>());
  }
  return {};
}

} // namespace

result<manifest> parse_manifest(std::string_view text) {
  // Whoever walks or prints a part of it later recurses: a file must not choose how deep.
  int depth = 0;
  for (const char c : text) {
    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    if (depth > 64) {
      return fail(error_code::package_error, "manifest.json: it is nested deeper than 64 levels");
    }
  }
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) {
    return fail(error_code::package_error, "manifest.json: it is not a JSON object");
  }
  if (const auto format = document.find("format"); format == document.end() || *format != 1) {
    return bad("format", "1; the package was built with another SDK");
  }
  manifest out;
  out.name = text_of(document, "name");
  if (!is_package_name(out.name)) {
    return bad("name", "a package name");
  }
  const auto number = version::parse(text_of(document, "version"));
  if (!number) {
    return bad("version", "a version such as 1.2.0");
  }
  out.number = *number;
  out.description = text_of(document, "description");
  out.abi = text_of(document, "abi");
  if (out.abi.empty()) {
    return bad("abi", "the ABI tag of the SDK it was built with");
  }
  if (const auto isolation = document.find("isolation"); isolation != document.end()) {
    if (*isolation != "process") {
      return bad("isolation", "\"process\" or left out");
    }
    out.one_version_per_process = true;
  }
  for (const auto read : {read_files, read_classes, read_requirements}) {
    if (auto done = read(document, out); !done) {
      return std::unexpected(done.error());
    }
  }
  return out;
}

} // namespace troupe
