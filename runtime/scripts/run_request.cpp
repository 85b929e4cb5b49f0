#include "runtime/scripts/run_request.hpp"

#include "runtime/text_json/text_json.hpp"

#include <algorithm>

namespace troupe {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_blank(std::string_view text) { return text.find_first_not_of(blanks) == std::string_view::npos; }

/// Walks the text of good JSON.
class json_walk {
public:
  explicit json_walk(std::string_view text) : text_(text) {}

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size()); }
  bool take(char c) {
    skip_blanks();
    return at_ < text_.size() && text_[at_] == c && (++at_, true);
  }
  bool at_end() const { return at_ >= text_.size(); }

  /// The next value, with its quotes or brackets.
  std::string_view value() {
    skip_blanks();
    const auto begin = at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      skip_text();
    } else if (at_ < text_.size() && (text_[at_] == '{' || text_[at_] == '[')) {
      skip_nested();
    } else {
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    }
    return text_.substr(begin, at_ - begin);
  }

private:
  void skip_text() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      at_ += text_[at_] == '\\';
    }
    at_ = std::min(at_ + 1, text_.size());
  }
  void skip_nested() {
    int depth = 0;
    do {
      const char c = text_[at_];
      if (c == '"') {
        skip_text();
        continue;
      }
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      ++at_;
    } while (depth > 0 && at_ < text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::unexpected<error> bad(const std::string& text) { return fail(error_code::bad_request, text); }

result<std::vector<std::string>> args_of(const json& body) {
  std::vector<std::string> out;
  const auto found = body.find("args");
  if (found == body.end() || found->is_null()) {
    return out;
  }
  if (!found->is_array()) {
    return bad("`args` must be a list of texts");
  }
  for (const auto& each : *found) {
    if (!each.is_string() || each.get_ref<const std::string&>().find('\0') != std::string::npos) {
      return bad("`args` must be a list of texts");
    }
    out.push_back(each.get<std::string>());
  }
  return out;
}

} // namespace

std::string_view raw_member(std::string_view object, std::string_view name) {
  json_walk walk(object);
  std::string_view found;
  if (!walk.take('{')) {
    return found;
  }
  while (!walk.at_end() && !walk.take('}')) {
    auto key = walk.value();
    std::string decoded;
    if (key.find('\\') != std::string_view::npos) { // a name may be written with escapes
      if (const auto text = parse_text_json(key); text && text->is_string()) {
        decoded = text->get<std::string>();
      }
    } else if (key.size() >= 2) {
      decoded = key.substr(1, key.size() - 2);
    }
    walk.take(':');
    const auto value = walk.value();
    if (decoded == name) {
      found = value;
    }
    walk.take(',');
  }
  return found;
}

result<script_run_request> script_run_request::read(std::string_view text) {
  script_run_request out;
  if (is_blank(text)) {
    return out;
  }
  const auto body = parse_text_json(text);
  if (!body) {
    return bad("the body is no JSON: " + body.error().text);
  }
  if (!body->is_object()) {
    return bad("the body must be a JSON object with `data` and `args`");
  }
  for (const auto& [name, value] : body->items()) {
    if (name != "data" && name != "args" && !is_script_option(name)) {
      return bad("there is no field `" + name + "`; known are data, args, venv, timeout, memoryLimit and env");
    }
  }
  auto args = args_of(*body);
  if (!args) {
    return std::unexpected(args.error());
  }
  auto options = script_options::from_json(*body);
  if (!options) {
    return std::unexpected(options.error());
  }
  out.args = std::move(*args);
  out.options = std::move(*options);
  out.input = raw_member(text, "data");
  return out;
}

} // namespace troupe
