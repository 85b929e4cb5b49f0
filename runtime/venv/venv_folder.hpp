#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What is written into an environment when it is whole.
struct venv_mark {
  std::string tool;                 ///< `uv` or `pip`
  std::vector<std::string> missing; ///< of the default environment: what its list asks for and is not there
};

/// What is known of the change that is under way, or failed. Written before a change begins, removed when it succeeded.
struct venv_note {
  enum class change { creation, installation };

  change kind = change::creation;
  bool failed = false; ///< else: begun, and if nobody is at work: cut
  std::string owner;   ///< whose change it is: only the owner may say that it is done
  int owner_pid = 0;
  unsigned long long owner_started = 0; ///< clock ticks since boot; with the pid the identity of a process
  std::string runs;                     ///< the ids of its runs begin so
  std::string reason;
  std::vector<std::string> lines; ///< the last ones of the tool
};

json to_json(const venv_note& note);
std::optional<venv_note> venv_note_from_json(const json& value);

/// The folder of all environments: `<name>/` is one. It is whole, and may be used, only with its READY mark, a file in
/// it that names its place: the mark is removed before each change and written last. Beside them `.locks`, `.notes`,
/// `.runs` (of builds), `.trash` (folders that were taken away by a rename) and `.tools` (one pip for all). Every
/// function is a few system calls; no state, any thread.
class venv_folder {
public:
  enum class condition {
    absent,
    ready,
    broken, ///< there, but without a mark, or its interpreter is gone
  };

  explicit venv_folder(std::filesystem::path root) : root_(std::move(root)) {}

  result<> make() const;

  std::filesystem::path root() const { return root_; }
  std::filesystem::path path_of(const std::string& name) const { return root_ / name; }
  std::filesystem::path bin_of(const std::string& name) const { return path_of(name) / "bin"; }
  std::filesystem::path python_of(const std::string& name) const { return bin_of(name) / "python"; }
  std::filesystem::path lock_of(const std::string& name) const { return root_ / ".locks" / name; }
  std::filesystem::path runs() const { return root_ / ".runs"; }
  std::filesystem::path trash() const { return root_ / ".trash"; }
  std::filesystem::path tools() const { return root_ / ".tools"; }

  condition look(const std::string& name) const;
  std::optional<venv_mark> mark_of(const std::string& name) const;
  /// Why it is `broken`, in words for people.
  std::string why_broken(const std::string& name) const;
  std::vector<std::string> names() const;

  result<> remove_mark(const std::string& name) const;
  result<> write_mark(const std::string& name, const venv_mark& mark) const;
  /// Takes the environment away, by a rename; gives where it is now, to be removed at leisure.
  result<std::filesystem::path> set_aside(const std::string& name) const;

  std::optional<venv_note> note_of(const std::string& name) const;
  result<> write_note(const std::string& name, const venv_note& note) const;
  result<> remove_note(const std::string& name) const;

private:
  std::filesystem::path mark_file(const std::string& name) const { return path_of(name) / ".troupe-ready.json"; }
  std::filesystem::path note_file(const std::string& name) const { return root_ / ".notes" / (name + ".json"); }

  std::filesystem::path root_;
};

/// `version` of a pyvenv.cfg, and the interpreter it was made with; empty if it does not say.
struct venv_interpreter {
  std::string program;
  std::string version;
};
venv_interpreter read_interpreter(std::string_view pyvenv_cfg);

} // namespace troupe
