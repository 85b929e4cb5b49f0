#include <actors/task/output_reply.hpp>

#include <runtime/text_json/text_json.hpp>

#include <algorithm>

namespace troupe {
namespace {

constexpr double longest_wait_s = 30;
constexpr std::uint64_t largest_page = 8u << 20;

json record_to_json(const spool_record& record) {
  json out{{"seq", record.seq},
           {"stream", record.stream == spool_stream::out    ? "stdout"
                      : record.stream == spool_stream::note ? "note"
                                                            : "stderr"},
           {"at", std::chrono::duration<double>(record.at).count()}};
  if (record.stream == spool_stream::cut) {
    out["cut"] = true;
  }
  if (is_utf8(record.data)) {
    out["data"] = record.data;
  } else {
    out["data"] = json::binary({record.data.begin(), record.data.end()});
  }
  return out;
}

} // namespace

checked<output_query> output_query_from_json(const json& body) {
  output_query out;
  if (body.is_null()) {
    return out;
  }
  if (!body.is_object()) {
    return std::unexpected(bad_field{"body", "an object"});
  }
  const auto given = [&](const char* name) {
    const auto found = body.find(name);
    return found == body.end() || found->is_null() ? nullptr : &*found;
  };
  if (const auto* from = given("from")) {
    if (!from->is_number_integer() || (!from->is_number_unsigned() && from->get<std::int64_t>() < 0)) {
      return std::unexpected(bad_field{"from", "the number of a record, 0 or more"});
    }
    out.from = from->get<std::uint64_t>();
  }
  if (const auto* wait = given("wait")) {
    if (!wait->is_number() || !(wait->get<double>() >= 0 && wait->get<double>() <= longest_wait_s)) {
      return std::unexpected(bad_field{"wait", "seconds from 0 to 30"});
    }
    out.wait = std::chrono::milliseconds{static_cast<std::int64_t>(wait->get<double>() * 1000)};
  }
  if (const auto* bytes = given("max_bytes")) {
    if (!bytes->is_number_integer() || bytes->get<std::int64_t>() < 1) {
      return std::unexpected(bad_field{"max_bytes", "a number of bytes above 0"});
    }
    out.max_bytes = std::min<std::uint64_t>(bytes->get<std::uint64_t>(), largest_page);
  }
  return out;
}

json output_to_json(const output_page& page) {
  json records = json::array();
  for (const auto& record : page.records) {
    records.push_back(record_to_json(record));
  }
  return {{"records", std::move(records)}, {"next", page.next}, {"ended", page.ended}};
}

} // namespace troupe
