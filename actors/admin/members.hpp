#pragma once

#include <troupe/json.hpp>
#include <troupe/reply.hpp>
#include <troupe/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What `get_members` asks for (PEACEPIE 3.5).
struct members_question {
  std::string level; ///< head, prime, process, actors, actor; empty: the receiver's own default
  std::string id;
  std::size_t page = 0;
  std::size_t page_size = 0;
};

/// The question of a body, or the `bad_request` that answers it.
std::expected<members_question, reply> parse_members_question(const json& body);

/// One row of an answer; an empty `next_level` ends the walk.
struct member_row {
  std::string next_level;
  std::string recipient;
  std::string id;
  std::string state = {}; ///< `quarantined`, `restarting` or `stuck`; empty for one that is well
};

/// The answer's body: the page of `rows` that was asked for, with `nav` if there are more, and `_back` unless `upper` is
/// empty. `self` is the answering node.
json members_answer(const members_question& question, const std::string& level, const std::vector<member_row>& rows,
                    const std::string& self, const std::string& upper, const std::string& upper_recipient);

} // namespace troupe
