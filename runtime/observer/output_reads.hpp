#pragma once

#include <runtime/observer/run_host.hpp>
#include <runtime/observer/spool_reader.hpp>
#include <runtime/process/event_loop.hpp>

#include <functional>
#include <list>
#include <string>

namespace troupe {

/// Those who read one run's output: answers what is in the spool, and lets the others wait for the first new record, the
/// end of the run, or their time. On the loop's thread.
class output_reads : public std::enable_shared_from_this<output_reads> {
public:
  output_reads(event_loop& loop, std::string spool_file) : loop_(loop), spool_(std::move(spool_file)) {}

  void read(output_query query, std::function<void(output_page)> done);
  /// So many records are in the spool, and whether more can come.
  void advance(std::uint64_t records, bool is_over);
  /// Nobody is answered any more.
  void drop();

private:
  struct waiting_read {
    output_query query;
    std::function<void(output_page)> done;
    event_loop::timer_id deadline;
  };

  output_page page_of(const output_query& query);

  event_loop& loop_;
  spool_reader spool_;
  std::list<waiting_read> waiting_;
  std::uint64_t known_ = 0;
  bool is_over_ = false;
};

} // namespace troupe
