#include "nodes/troupe/output_reader.hpp"

#include "runtime/text_json/base64.hpp"

#include <algorithm>
#include <utility>

namespace troupe::cli {

namespace {

std::optional<std::string> bytes_of(const json& data) {
  if (data.is_string()) {
    return data.get<std::string>();
  }
  if (data.is_object() && data.size() == 1 && data.contains("$bytes") && data["$bytes"].is_string()) {
    if (const auto bytes = base64_decode(data["$bytes"].get_ref<const std::string&>())) {
      return std::string{bytes->begin(), bytes->end()};
    }
  }
  return std::nullopt;
}

} // namespace

bool output_reader::take(std::string_view piece) {
  while (true) {
    const auto end = piece.find('\n');
    if (end == std::string_view::npos) {
      line_.append(piece);
      return true;
    }
    line_.append(piece.substr(0, end));
    piece.remove_prefix(end + 1);
    const std::string line = std::exchange(line_, {});
    if (!take_line(line)) {
      return false;
    }
  }
}

bool output_reader::take_line(std::string_view line) {
  if (line.empty() || line == "\r") {
    return true;
  }
  json value = json::parse(line, nullptr, false);
  if (!value.is_object()) {
    ++damaged_lines_;
    return true;
  }
  const auto next = value.find("next");
  if (next != value.end()) {
    saw_last_line_ = true;
    if (next->is_number_unsigned()) {
      next_ = std::max(next_, next->get<std::uint64_t>());
    }
    if (const auto end = value.find("end"); end != value.end() && end->is_object()) {
      end_state_ = std::move(*end);
    }
    return true;
  }
  const auto seq = value.find("seq");
  const auto data = value.find("data");
  const auto bytes = data == value.end() ? std::nullopt : bytes_of(*data);
  if (seq == value.end() || !seq->is_number_unsigned() || !bytes) {
    ++damaged_lines_;
    return true;
  }
  const auto stream = value.value("stream", json{});
  output_record record{seq->get<std::uint64_t>(), stream == "stderr", stream == "note", std::move(*bytes)};
  if (record.seq < next_) {
    return true; // seen over an earlier connection
  }
  next_ = record.seq + 1;
  return on_record_(record);
}

} // namespace troupe::cli
