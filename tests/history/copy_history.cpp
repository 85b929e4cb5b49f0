#include "tests/history/copy_history.hpp"

#include "tests/history/record.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unordered_map>

namespace history {

void extend(ranges& all, range more) {
  if (!all.empty() && more.first == all.back().last + 1) {
    all.back().last = more.last;
  } else {
    all.push_back(more);
  }
}

namespace {

class parser {
public:
  explicit parser(std::string_view bytes) : left_(bytes) {}

  copy_history parse() {
    out_.empty = left_.empty();
    if (!left_.starts_with(std::string_view(file_magic, sizeof file_magic))) {
      out_.torn = true;
      return std::move(out_);
    }
    left_.remove_prefix(sizeof file_magic);
    while (!left_.empty() && !out_.torn) {
      take_record();
    }
    out_.torn = out_.torn || out_.actor.empty();
    return std::move(out_);
  }

private:
  void take_record() {
    record what;
    if (left_.size() < sizeof what) {
      out_.torn = true;
      return;
    }
    std::memcpy(&what, left_.data(), sizeof what);
    left_.remove_prefix(sizeof what);
    if (what.what() == kind::name) {
      take_name(what);
    } else {
      take(what);
    }
  }

  void take_name(const record& what) {
    if (left_.size() < padded(what.count)) {
      out_.torn = true;
      return;
    }
    names_[what.peer()] = std::string(left_.substr(0, what.count));
    left_.remove_prefix(padded(what.count));
  }

  const std::string& name(std::uint32_t id) {
    const auto found = names_.find(id);
    if (found == names_.end()) {
      out_.torn = true;
      static const std::string none;
      return none;
    }
    return found->second;
  }

  sends& to(const record& what) {
    // A stream sends to few, and mostly to the one it sent to last.
    if (last_ == nullptr || last_peer_ != what.peer() || last_stream_ != stream_) {
      last_ = &out_.out[channel{name(stream_), name(what.peer())}];
      last_peer_ = what.peer();
      last_stream_ = stream_;
    }
    return *last_;
  }

  void worked(const record& what) {
    out_.worked_after_end = out_.worked_after_end || out_.ended.has_value();
    out_.first_active = out_.first_active ? out_.first_active : what.time_ns;
    out_.last_active = what.time_ns;
  }

  void take(const record& what) {
    const range numbers{what.seq, what.seq + (what.count == 0 ? 0 : what.count - 1)};
    switch (what.what()) {
    case kind::self:
      out_.actor = name(what.peer());
      out_.copy = name(what.count);
      return;
    case kind::stream:
      stream_ = what.peer();
      return;
    case kind::born:
      out_.born = what.time_ns;
      worked(what);
      return;
    case kind::active:
      worked(what);
      return;
    case kind::ended:
      out_.ended = what.time_ns;
      return;
    case kind::sent:
      extend(to(what).sent, numbers);
      worked(what);
      return;
    case kind::received:
      extend(out_.in[name(what.peer())], numbers);
      worked(what);
      return;
    // These say what was heard; a copy that has handed over may still hear it.
    case kind::refused:
      extend(to(what).refused, numbers);
      return;
    case kind::answered:
      extend(to(what).answered, numbers);
      return;
    case kind::reported:
      extend(to(what).reported, numbers);
      return;
    case kind::timed_out:
      extend(to(what).timed_out, numbers);
      return;
    case kind::name:
      return;
    }
    out_.torn = true;
  }

  std::string_view left_;
  copy_history out_;
  std::unordered_map<std::uint32_t, std::string> names_;
  std::uint32_t stream_ = 0;
  sends* last_ = nullptr;
  std::uint32_t last_peer_ = 0;
  std::uint32_t last_stream_ = 0;
};

} // namespace

copy_history parse(std::string_view bytes) {
  return parser(bytes).parse();
}

std::vector<copy_history> read_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == file_suffix) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<copy_history> out;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      throw std::runtime_error("cannot read " + path.string());
    }
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    out.push_back(parse(bytes));
    if (out.back().actor.empty()) {
      out.back().actor = path.filename();
    }
  }
  return out;
}

} // namespace history
