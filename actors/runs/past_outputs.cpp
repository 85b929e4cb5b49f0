#include <actors/runs/past_outputs.hpp>

#include <runtime/observer/run_plan.hpp>

#include <algorithm>

#include <unistd.h>

namespace troupe {
namespace {

constexpr std::size_t most_readers = 16;
constexpr std::size_t page_records = 2'048;

} // namespace

output_page past_outputs::read(const std::string& id, const output_query& query) {
  const auto known = std::ranges::find(readers_, id, &std::pair<std::string, spool_reader>::first);
  if (known != readers_.end()) {
    readers_.splice(readers_.begin(), readers_, known);
  } else {
    readers_.emplace_front(id, spool_reader{spool_file_of(runs_folder_ + "/" + id)});
  }
  if (readers_.size() > most_readers) {
    readers_.pop_back();
  }
  auto& reader = readers_.front().second;
  output_page page;
  page.records = reader.read(query.from, query.max_bytes, page_records);
  page.next = page.records.empty() ? query.from : page.records.back().seq + 1;
  page.ended = page.records.empty() || reader.read(page.next, 1, 1).empty();
  reader.rest();
  return page;
}

void remove_kept_output(const std::string& folder) { ::unlink(spool_file_of(folder).c_str()); }

void remove_run_remains(const std::string& folder) {
  remove_kept_output(folder);
  for (const auto& file : {result_file_of(folder), attach_socket_of(folder), call_socket_of(folder), lock_file_of(folder)}) {
    ::unlink(file.c_str());
  }
  ::rmdir(folder.c_str());
}

} // namespace troupe
