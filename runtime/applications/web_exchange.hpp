#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Names and values, in their order.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// A request as a web handler's script sees it.
struct web_question {
  std::string method;
  std::string path; ///< behind the handler's name, from its `/` on; empty: the address ends with the name
  header_list query;
  header_list headers; ///< names in lower case
  std::string body;

  /// `{method, path, query, headers, body}`; lists as `[[name, value]…]`, a body that is not UTF-8 as bytes.
  json to_json() const;
  static result<web_question> from_json(const json& value);
};

/// What the script answers.
struct web_reply {
  static constexpr std::size_t most_headers = 100;
  static constexpr std::size_t most_header_bytes = 32u << 10;

  unsigned status = 200;
  header_list headers;
  std::string body;

  json to_json() const;
  /// `{status?, headers?, body?}`; headers as an object or as pairs, a body of text or bytes as it is and any other value as
  /// JSON. `bad_request` says what does not fit.
  static result<web_reply> from_json(const json& value);
};

} // namespace troupe
