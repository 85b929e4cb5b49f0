#pragma once

#include "runtime/process/unique_fd.hpp"
#include "web/routes/response_sink.hpp"
#include "web/routes/web_world.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace troupe {

/// Sends a piece of a file in pieces: the next is read, in the background, when the client took the last.
class file_stream : public std::enable_shared_from_this<file_stream> {
public:
  /// `head` has its Content-Length.
  static void start(web_world& world, unique_fd file, std::uint64_t from, std::uint64_t length, http_response head,
                    sink_ptr sink);

private:
  file_stream(web_world& world, unique_fd file, std::uint64_t from, std::uint64_t length, sink_ptr sink)
    : world_(world), file_(std::move(file)), at_(from), left_(length), sink_(std::move(sink)) {}
  void next();
  void give(std::string piece);

  web_world& world_;
  unique_fd file_;
  std::uint64_t at_;
  std::uint64_t left_;
  sink_ptr sink_;
};

} // namespace troupe
