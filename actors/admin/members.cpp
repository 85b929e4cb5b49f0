#include "actors/admin/members.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace troupe {

namespace {
constexpr std::array levels{"head", "prime", "process", "actors", "actor"};
constexpr std::string_view page_prefix = "_page_";
constexpr std::size_t largest_page = 10'000;

std::string text_of(const json& body, const char* field) {
  return body.contains(field) && body[field].is_string() ? body[field].get<std::string>() : std::string{};
}
} // namespace

std::expected<members_question, reply> parse_members_question(const json& body) {
  if (!body.is_object() || !body.contains("page_size") || !body["page_size"].is_number_integer() ||
      body["page_size"].get<std::int64_t>() < 1 ||
      body["page_size"].get<std::int64_t>() > static_cast<std::int64_t>(largest_page)) {
    return std::unexpected(reply::bad_request("page_size", "an integer from 1 to 10000"));
  }
  members_question out;
  out.page_size = body["page_size"].get<std::size_t>();
  out.level = text_of(body, "level");
  if (!out.level.empty() && std::ranges::find(levels, out.level) == levels.end()) {
    return std::unexpected(reply::bad_request("level", "one of head, prime, process, actors, actor"));
  }
  out.id = text_of(body, "id");
  if (out.id.starts_with(page_prefix)) {
    const auto* first = out.id.data() + page_prefix.size();
    const auto* last = out.id.data() + out.id.size();
    if (auto [end, problem] = std::from_chars(first, last, out.page); problem != std::errc{} || end != last) {
      return std::unexpected(reply::bad_request("id", "a member's name, or _page_<k>"));
    }
  }
  return out;
}

json members_answer(const members_question& question, const std::string& level, const std::vector<member_row>& rows,
                    const std::string& self, const std::string& upper, const std::string& upper_recipient) {
  const auto pages = std::max<std::size_t>(1, (rows.size() + question.page_size - 1) / question.page_size);
  const auto page = std::min(question.page, pages - 1);
  json members = json::array();
  const auto end = std::min(rows.size(), (page + 1) * question.page_size);
  for (auto i = page * question.page_size; i < end; ++i) {
    const auto& row = rows[i];
    members.push_back(json{{"next_level", row.next_level.empty() ? json(nullptr) : json(row.next_level)},
                           {"recipient", row.recipient.empty() ? json(nullptr) : json(row.recipient)},
                           {"id", row.id}});
    if (!row.state.empty()) {
      members.back()["state"] = row.state;
    }
  }
  json answer{{"members", std::move(members)}, {"level", level}};
  if (pages > 1) {
    answer["nav"] = json{{"next_level", level}, {"recipient", self}, {"count", pages}, {"page", page}};
  }
  if (!upper.empty()) {
    answer["_back"] = json{{"next_level", upper}, {"recipient", upper_recipient}, {"id", "_back"}};
  }
  return answer;
}

} // namespace troupe
