#include <runtime/observer/output_reads.hpp>

#include <iterator>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t page_records = 2048;

} // namespace

void output_reads::read(output_query query, std::function<void(output_page)> done) {
  auto page = page_of(query);
  if (!page.records.empty() || page.ended || query.wait.count() <= 0) {
    done(std::move(page));
    return;
  }
  waiting_.push_back({query, std::move(done), {}});
  const auto place = std::prev(waiting_.end());
  place->deadline = loop_.after(query.wait, [self = shared_from_this(), place] {
    const auto late = std::move(*place);
    self->waiting_.erase(place);
    late.done(self->page_of(late.query));
  });
}

void output_reads::advance(std::uint64_t records, bool is_over) {
  known_ = records;
  is_over_ = is_over;
  const auto self = shared_from_this();
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    auto page = page_of(one->query);
    if (page.records.empty() && !page.ended) {
      ++one;
      continue;
    }
    loop_.cancel(one->deadline);
    const auto served = std::move(*one);
    one = waiting_.erase(one);
    served.done(std::move(page));
  }
}

void output_reads::drop() {
  for (auto& one : waiting_) {
    loop_.cancel(one.deadline);
  }
  waiting_.clear();
}

output_page output_reads::page_of(const output_query& query) {
  output_page page;
  if (is_over_ || query.from < known_) {
    page.records = spool_.read(query.from, query.max_bytes, page_records);
  }
  page.next = page.records.empty() ? query.from : page.records.back().seq + 1;
  if (is_over_) {
    page.ended = page.records.empty() || (page.next >= known_ && spool_.read(page.next, 1, 1).empty());
    spool_.rest(); // tasks that are over stay for long, and hold no descriptor
  }
  return page;
}

} // namespace troupe
