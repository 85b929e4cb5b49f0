#pragma once

#include <iterator>
#include <utility>

namespace troupe {

/// Where a request's head ends, for `async_read_until`: after an empty line, or at the first line that does not end
/// with CR LF, since nothing good can follow.
struct head_end {
  template <class Iterator>
  std::pair<Iterator, bool> operator()(Iterator begin, Iterator end) const {
    int matched = 0;
    char before = 0;
    bool first = true;
    for (auto at = begin; at != end; ++at) {
      const char c = *at;
      if (c == '\n' && !first && before != '\r') {
        return {std::next(at), true};
      }
      matched = c == '\r' ? (matched == 2 ? 3 : 1) : c == '\n' ? (matched == 1 ? 2 : matched == 3 ? 4 : 0) : 0;
      if (matched == 4) {
        return {std::next(at), true};
      }
      before = c;
      first = false;
    }
    // The last three bytes are looked at again together with what comes next.
    const auto kept = std::distance(begin, end) < 3 ? begin : std::prev(end, 3);
    return {kept, false};
  }
};

} // namespace troupe

namespace boost::asio {
template <class T>
struct is_match_condition;
template <>
struct is_match_condition<troupe::head_end> {
  static constexpr bool value = true;
  using type = bool;
};
} // namespace boost::asio
