#include "runtime/text_json/text_json.hpp"

#include <utility>
#include <vector>

namespace troupe {
namespace {

/// Builds the value while it counts depth and values; the first breach ends the parse.
class bounded_builder : public nlohmann::json_sax<json> {
public:
  explicit bounded_builder(const json_limits& limits) : limits_(limits) {}

  json take() { return std::move(root_); }
  std::string& reason() { return reason_; }

  bool null() override { return put(nullptr) != nullptr; }
  bool boolean(bool value) override { return put(value) != nullptr; }
  bool number_integer(number_integer_t value) override { return put(value) != nullptr; }
  bool number_unsigned(number_unsigned_t value) override { return put(value) != nullptr; }
  bool number_float(number_float_t value, const string_t& text) override {
    if (text.find_first_of(".eE") == string_t::npos) {
      return refuse("an integer beyond 64 bits");
    }
    return put(value) != nullptr;
  }
  bool string(string_t& value) override { return put(std::move(value)) != nullptr; }
  bool binary(binary_t&) override { return refuse("a byte string"); }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& problem) override {
    // 406: a number that no double can hold.
    return refuse(problem.id == 406 ? "a number beyond the range of a double near byte " + std::to_string(position)
                                    : "no valid JSON near byte " + std::to_string(position));
  }

private:
  json* put(json value) {
    if (++values_ > limits_.max_values) {
      refuse("more than " + std::to_string(limits_.max_values) + " values");
      return nullptr;
    }
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *stack_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    json& place = parent[key_];
    place = std::move(value);
    return &place;
  }

  bool open(json empty) {
    if (stack_.size() >= limits_.max_depth) {
      return refuse("more than " + std::to_string(limits_.max_depth) + " nested levels");
    }
    json* place = put(std::move(empty));
    if (place == nullptr) {
      return false;
    }
    stack_.push_back(place);
    return true;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  bool refuse(std::string reason) {
    if (reason_.empty()) {
      reason_ = std::move(reason);
    }
    return false;
  }

  const json_limits limits_;
  json root_;
  std::vector<json*> stack_; ///< only the innermost container grows, so the others stay where they are
  std::string key_;
  std::size_t values_ = 0;
  std::string reason_;
};

} // namespace

result<json> parse_text_json(std::string_view text, const json_limits& limits) {
  bounded_builder builder(limits);
  bool complete = false;
  try {
    complete = json::sax_parse(text.begin(), text.end(), &builder);
  } catch (const std::exception& problem) {
    return fail(error_code::internal, std::string("reading a JSON text failed: ") + problem.what());
  }
  if (!complete) {
    const std::string why = builder.reason().empty() ? "no valid JSON" : builder.reason();
    return fail(error_code::bad_request, "the text is not accepted as JSON: it has " + why);
  }
  return builder.take();
}

} // namespace troupe
