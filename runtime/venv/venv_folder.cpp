#include "runtime/venv/venv_folder.hpp"

#include "runtime/venv/durable_file.hpp"
#include "runtime/venv/text_line.hpp"
#include "runtime/venv/venv_name.hpp"

#include <algorithm>
#include <atomic>

#include <unistd.h>

namespace troupe {

namespace fs = std::filesystem;

namespace {

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::vector<std::string> texts_of(const json& object, const char* key) {
  std::vector<std::string> all;
  if (const auto found = object.find(key); found != object.end() && found->is_array()) {
    for (const auto& one : *found) {
      if (one.is_string()) {
        all.push_back(one.get<std::string>());
      }
    }
  }
  return all;
}

} // namespace

json to_json(const venv_note& note) {
  return json{{"change", note.kind == venv_note::change::creation ? "creation" : "installation"},
              {"failed", note.failed},
              {"owner", note.owner},
              {"owner_pid", note.owner_pid},
              {"owner_started", note.owner_started},
              {"runs", note.runs},
              {"reason", note.reason},
              {"lines", note.lines}};
}

std::optional<venv_note> venv_note_from_json(const json& value) {
  if (!value.is_object()) {
    return std::nullopt;
  }
  venv_note note;
  note.kind =
    text_of(value, "change") == "installation" ? venv_note::change::installation : venv_note::change::creation;
  const auto number = [&](const char* key) {
    const auto found = value.find(key);
    return found != value.end() && found->is_number_unsigned() ? found->get<unsigned long long>() : 0ULL;
  };
  note.failed = value.value("failed", json()) == true;
  note.owner = text_of(value, "owner");
  note.owner_pid = static_cast<int>(number("owner_pid"));
  note.owner_started = number("owner_started");
  note.runs = text_of(value, "runs");
  note.reason = text_of(value, "reason");
  note.lines = texts_of(value, "lines");
  return note;
}

result<> venv_folder::make() const {
  for (const char* inner : {".locks", ".notes", ".runs", ".trash", ".tools"}) {
    std::error_code failed;
    fs::create_directories(root_ / inner, failed);
    if (failed) {
      return fail(error_code::io_error, "cannot make the folder " + (root_ / inner).string() + ": " + failed.message());
    }
  }
  return {};
}

std::optional<venv_mark> venv_folder::mark_of(const std::string& name) const {
  const auto text = read_small_file(mark_file(name));
  const auto value = json::parse(text, nullptr, false);
  if (!value.is_object() || text_of(value, "place") != path_of(name).string()) {
    return std::nullopt; // an environment that was copied from elsewhere points there
  }
  return venv_mark{text_of(value, "tool"), texts_of(value, "missing")};
}

venv_folder::condition venv_folder::look(const std::string& name) const {
  std::error_code failed;
  if (fs::symlink_status(path_of(name), failed).type() == fs::file_type::not_found) {
    return condition::absent;
  }
  return mark_of(name) && ::access(python_of(name).c_str(), X_OK) == 0 ? condition::ready : condition::broken;
}

std::string venv_folder::why_broken(const std::string& name) const {
  if (mark_of(name)) {
    return "its interpreter " + python_of(name).string() + " is not there any more; create it anew";
  }
  const auto note = note_of(name);
  if (note && note->kind == venv_note::change::installation) {
    return "an installation into it was cut; install again, or create it anew";
  }
  return note ? "its creation was cut" : "it was not made here, or was made by another program; create it anew";
}

std::vector<std::string> venv_folder::names() const {
  std::vector<std::string> all;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(root_, failed)) {
    auto name = entry.path().filename().string();
    std::error_code unknown;
    if (is_venv_name(name) && entry.is_directory(unknown)) {
      all.push_back(std::move(name));
    }
  }
  std::ranges::sort(all);
  return all;
}

result<> venv_folder::remove_mark(const std::string& name) const { return remove_durably(mark_file(name)); }

result<> venv_folder::write_mark(const std::string& name, const venv_mark& mark) const {
  const json value{{"place", path_of(name).string()}, {"tool", mark.tool}, {"missing", mark.missing}};
  return write_durably(mark_file(name), value.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

result<fs::path> venv_folder::set_aside(const std::string& name) const {
  if (auto unmarked = remove_mark(name); !unmarked) {
    return std::unexpected(unmarked.error());
  }
  static std::atomic<unsigned> count{0};
  const auto there = trash() / (name + "." + std::to_string(::getpid()) + "." + std::to_string(++count));
  std::error_code failed;
  fs::rename(path_of(name), there, failed);
  if (failed && failed != std::errc::no_such_file_or_directory) {
    return fail(error_code::io_error, "cannot take " + path_of(name).string() + " away: " + failed.message());
  }
  return there;
}

std::optional<venv_note> venv_folder::note_of(const std::string& name) const {
  return venv_note_from_json(json::parse(read_small_file(note_file(name)), nullptr, false));
}

result<> venv_folder::write_note(const std::string& name, const venv_note& note) const {
  return write_durably(note_file(name), to_json(note).dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

result<> venv_folder::remove_note(const std::string& name) const { return remove_durably(note_file(name)); }

venv_interpreter read_interpreter(std::string_view pyvenv_cfg) {
  venv_interpreter out;
  while (!pyvenv_cfg.empty()) {
    const auto line = pyvenv_cfg.substr(0, pyvenv_cfg.find('\n'));
    pyvenv_cfg.remove_prefix(std::min(pyvenv_cfg.size(), line.size() + 1));
    const auto split = line.find('=');
    if (split == std::string_view::npos) {
      continue;
    }
    const auto key = trimmed(line.substr(0, split));
    const auto value = trimmed(line.substr(split + 1));
    if (key == "version" || key == "version_info") {
      out.version = value;
    } else if (key == "executable") {
      out.program = value;
    } else if (key == "home" && out.program.empty()) {
      out.program = std::string{value} + "/python3";
    }
  }
  return out;
}

} // namespace troupe
