#include "runtime/config/located_json.hpp"

#include <cstddef>
#include <iterator>
#include <utility>

namespace troupe {

namespace {

constexpr std::size_t deepest = 64;

/// Reads the text and counts lines for the handler. The character read last is not counted: to see the end of a number
/// the lexer reads one character on, which may be the line end.
class counting_iterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  counting_iterator(const char* at, int* line) : at_(at), line_(line) {}

  reference operator*() const { return *at_; }
  counting_iterator& operator++() {
    if (pending_) {
      ++*line_;
    }
    pending_ = *at_ == '\n';
    ++at_;
    return *this;
  }
  counting_iterator operator++(int) {
    auto old = *this;
    ++*this;
    return old;
  }
  bool operator==(const counting_iterator& other) const { return at_ == other.at_; }
  bool operator!=(const counting_iterator& other) const { return at_ != other.at_; }

private:
  const char* at_;
  int* line_;
  bool pending_ = false;
};

class located_builder final : public nlohmann::json_sax<json> {
public:
  located_builder(located_json& out, const int& line) : out_(out), line_(line) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    auto& level = levels_.back();
    level.key = name;
    const auto path = join_path(level.path, name);
    const auto [first, is_new] = out_.lines.emplace(path, line_);
    if (!is_new) {
      out_.problems.push_back(
        {path,
         "\"" + path + "\" is given twice (first in line " + std::to_string(first->second) + "); remove one of them",
         line_});
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    std::string text = e.what();
    // "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error while …"
    if (const auto colon = text.find(": "); colon != std::string::npos) {
      if (const auto at = text.find("at line "); at < colon) {
        error_line = std::atoi(text.c_str() + at + 8);
      }
      text.erase(0, colon + 2);
    }
    if (text.find("unexpected '}'; expected string literal") != std::string::npos ||
        text.find("unexpected ']'; expected '[', '{'") != std::string::npos) {
      text += "; is there a comma too many before it?";
    }
    error_text = "this is not JSON: " + text;
    return false;
  }

  std::string error_text;
  int error_line = 0;

private:
  struct level {
    json value;
    std::string path;
    std::string key;
  };

  std::string next_path() {
    if (levels_.empty()) {
      return {};
    }
    auto& level = levels_.back();
    if (level.value.is_array()) {
      auto path = join_path(level.path, level.value.size());
      out_.lines.emplace(path, line_);
      return path;
    }
    return join_path(level.path, level.key);
  }

  bool open(json empty) {
    if (levels_.size() == deepest) {
      error_text = "nested deeper than " + std::to_string(deepest) + " levels; make it flatter";
      error_line = line_;
      return false;
    }
    auto path = next_path();
    levels_.push_back({std::move(empty), std::move(path), {}});
    return true;
  }

  bool close() {
    json done = std::move(levels_.back().value);
    levels_.pop_back();
    put(std::move(done));
    return true;
  }

  bool add(json value) {
    next_path();
    put(std::move(value));
    return true;
  }

  void put(json value) {
    if (levels_.empty()) {
      out_.value = std::move(value);
    } else if (auto& level = levels_.back(); level.value.is_array()) {
      level.value.push_back(std::move(value));
    } else {
      level.value[level.key] = std::move(value);
    }
  }

  located_json& out_;
  const int& line_;
  std::vector<level> levels_;
};

} // namespace

int located_json::line_of(std::string_view path) const {
  while (!path.empty()) {
    if (const auto found = lines.find(std::string{path}); found != lines.end()) {
      return found->second;
    }
    const auto cut = path.find_last_of(".[");
    path = cut == std::string_view::npos ? std::string_view{} : path.substr(0, cut);
  }
  return 0;
}

result<located_json> parse_located(std::string_view text) {
  located_json out;
  int line = 1;
  located_builder builder(out, line);
  const bool parsed =
    json::sax_parse(counting_iterator(text.data(), &line), counting_iterator(text.data() + text.size(), &line),
                    &builder, json::input_format_t::json, true, true);
  if (!parsed) {
    return fail(error_code::bad_request,
                std::to_string(builder.error_line == 0 ? line : builder.error_line) + ": " + builder.error_text);
  }
  return out;
}

std::string join_path(std::string_view path, std::string_view key) {
  return path.empty() ? std::string{key} : std::string{path} + "." + std::string{key};
}

std::string join_path(std::string_view path, std::size_t index) {
  return std::string{path} + "[" + std::to_string(index) + "]";
}

} // namespace troupe
