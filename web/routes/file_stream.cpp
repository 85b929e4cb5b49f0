#include "web/routes/file_stream.hpp"

#include "runtime/applications/beneath.hpp"

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t piece_bytes = 256u << 10;

} // namespace

void file_stream::start(web_world& world, unique_fd file, std::uint64_t from, std::uint64_t length, http_response head,
                        sink_ptr sink) {
  std::shared_ptr<file_stream> made(new file_stream(world, std::move(file), from, length, std::move(sink)));
  made->sink_->begin(std::move(head));
  made->next();
}

void file_stream::next() {
  if (left_ == 0 || !sink_->is_open()) {
    sink_->end();
    return;
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece_bytes));
  if (auto piece = read_at(file_.get(), at_, size, disk_patience::none); piece && piece->size() == size) {
    give(std::move(*piece));
    return;
  }
  const bool taken = world_.background->run(size, [self = shared_from_this(), size]() -> std::function<void()> {
    auto piece = read_at(self->file_.get(), self->at_, size, disk_patience::all);
    // shared, since functions are copied
    auto bytes = std::make_shared<std::string>(piece ? std::move(*piece) : std::string{});
    return [self, bytes] { self->give(std::move(*bytes)); };
  });
  if (!taken) {
    sink_->end(); // shorter than promised, so the connection ends with it
  }
}

void file_stream::give(std::string piece) {
  if (piece.empty()) { // the file became shorter
    sink_->end();
    return;
  }
  at_ += piece.size();
  left_ -= std::min<std::uint64_t>(left_, piece.size());
  sink_->write(std::move(piece), [self = shared_from_this()](bool open) {
    if (open) {
      self->next();
    }
  });
}

} // namespace troupe
