#include "runtime/scripts/script_header.hpp"

#include "runtime/scripts/digest.hpp"
#include "runtime/venv/package_list.hpp"

#include <algorithm>
#include <optional>

namespace troupe {
namespace {

constexpr std::size_t most_requirements = 200;

std::unexpected<error> wrong(const std::string& what) {
  return fail(error_code::bad_request, "the block `# /// script` " + what);
}

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The TOML of the block; nothing if there is none.
result<std::optional<std::string>> block_of(std::string_view code) {
  std::optional<std::string> found;
  while (!code.empty()) {
    const auto line = next_line(code);
    if (!line.starts_with("# /// ") || trimmed(line.substr(6)) != "script") {
      continue;
    }
    if (found) {
      return wrong("is there twice");
    }
    found.emplace();
    for (bool open = true; open;) {
      const auto inner = next_line(code);
      if (inner == "# ///") {
        open = false;
      } else if (inner == "#") {
        *found += "\n";
      } else if (inner.starts_with("# ")) {
        *found += std::string(inner.substr(2)) + "\n";
      } else {
        return wrong("does not end with `# ///`");
      }
    }
  }
  return found;
}

/// Reads a TOML array of strings, comments and line ends within. `text` begins behind the bracket.
class list_reader {
public:
  explicit list_reader(std::string_view text) : text_(text) {}

  result<std::vector<std::string>> read() {
    std::vector<std::string> out;
    for (;;) {
      skip();
      if (take(']')) {
        return out;
      }
      auto one = text();
      if (!one) {
        return wrong("has a `dependencies` that is no list of texts");
      }
      out.push_back(std::move(*one));
      skip();
      if (!take(',') && !(at_ < text_.size() && text_[at_] == ']')) {
        return wrong("has a `dependencies` without an end");
      }
    }
  }

private:
  void skip() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else {
        return;
      }
    }
  }
  bool take(char c) { return at_ < text_.size() && text_[at_] == c && (++at_, true); }

  std::optional<std::string> text() {
    if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) {
      return std::nullopt;
    }
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != '\n') {
      const char c = text_[at_++];
      if (c == quote) {
        return out;
      }
      if (c == '\\' && quote == '"') {
        const char next = at_ < text_.size() ? text_[at_++] : '\0';
        if (next != '"' && next != '\\') {
          return std::nullopt;
        }
        out += next;
      } else {
        out += c;
      }
    }
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Where the value of the key begins at the top of a TOML text.
std::optional<std::string_view> value_of(std::string_view toml, std::string_view key) {
  while (!toml.empty()) {
    const auto rest = toml;
    const auto line = trimmed(next_line(toml));
    if (line.starts_with('[')) {
      return std::nullopt; // a table begins
    }
    const auto equals = line.find('=');
    if (equals != std::string_view::npos && trimmed(line.substr(0, equals)) == key) {
      return rest.substr(rest.find('=') + 1);
    }
  }
  return std::nullopt;
}

} // namespace

result<script_header> script_header::read(std::string_view code) {
  script_header out;
  const auto block = block_of(code);
  if (!block) {
    return std::unexpected(block.error());
  }
  const auto value = *block ? value_of(**block, "dependencies") : std::nullopt;
  if (!value) {
    return out;
  }
  const auto first = value->find_first_not_of(" \t");
  if (first == std::string_view::npos || (*value)[first] != '[') {
    return wrong("has a `dependencies` that is no list of texts");
  }
  auto list = list_reader(value->substr(first + 1)).read();
  if (!list) {
    return std::unexpected(list.error());
  }
  if (list->size() > most_requirements) {
    return wrong("asks for more than " + std::to_string(most_requirements) + " packages");
  }
  for (const auto& each : *list) {
    if (!is_package_wish(each)) {
      return wrong("asks for `" + each + "`, which is no package");
    }
  }
  out.requirements = std::move(*list);
  return out;
}

std::string script_header::venv_name() const {
  auto sorted = requirements;
  std::ranges::sort(sorted);
  digest all;
  for (const auto& each : sorted) {
    all.add(each);
  }
  return "script-" + all.hex().substr(0, 16);
}

} // namespace troupe
