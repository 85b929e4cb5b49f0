#include <runtime/observer/spool_reader.hpp>

#include <algorithm>

#include <fcntl.h>

namespace troupe {
namespace {

constexpr std::size_t window_size = 256 * 1024;

} // namespace

std::vector<spool_record> spool_reader::read(std::uint64_t from, std::size_t max_bytes, std::size_t max_records) {
  std::vector<spool_record> out;
  window_.clear(); // what was the end of the file then is not now
  if (!open() || !seek(from)) {
    return out;
  }
  std::size_t bytes = 0;
  while (out.size() < max_records && load(here_.offset, spool_header::size)) {
    const auto* start = window_.data() + (here_.offset - window_offset_);
    const auto header = spool_header::decode(reinterpret_cast<const unsigned char*>(start));
    if (!header || (!out.empty() && bytes + header->length > max_bytes) ||
        !load(here_.offset, spool_header::size + header->length)) {
      break;
    }
    const auto* data = window_.data() + (here_.offset - window_offset_) + spool_header::size;
    out.push_back({here_.seq, header->stream, header->at, std::string(data, header->length)});
    bytes += header->length;
    step(header->length);
  }
  window_ = {};
  return out;
}

bool spool_reader::open() {
  if (!file_) {
    file_.reset(::open(file_name_.c_str(), O_RDONLY | O_CLOEXEC));
  }
  return static_cast<bool>(file_);
}

/// Goes to record `seq`; false if it is not there yet.
bool spool_reader::seek(std::uint64_t seq) {
  const auto mark = std::min<std::uint64_t>(seq / stride, index_.size() - 1);
  if (seq < here_.seq || mark * stride > here_.seq) {
    here_ = {mark * stride, index_[mark]};
  }
  while (here_.seq < seq) {
    if (!load(here_.offset, spool_header::size)) {
      return false;
    }
    const auto* start = window_.data() + (here_.offset - window_offset_);
    const auto header = spool_header::decode(reinterpret_cast<const unsigned char*>(start));
    if (!header || !load(here_.offset, spool_header::size + header->length)) {
      return false;
    }
    step(header->length);
  }
  return true;
}

/// Has `size` bytes from `offset` on in the window; false if the file does not reach that far.
bool spool_reader::load(std::uint64_t offset, std::size_t size) {
  if (offset >= window_offset_ && offset + size <= window_offset_ + window_.size()) {
    return true;
  }
  window_.resize(std::max(window_size, size));
  window_offset_ = offset;
  std::size_t filled = 0;
  while (filled < window_.size()) {
    const auto got =
      ::pread(file_.get(), window_.data() + filled, window_.size() - filled, static_cast<off_t>(offset + filled));
    if (got <= 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  window_.resize(filled);
  return filled >= size;
}

void spool_reader::step(std::uint32_t length) {
  here_.offset += spool_header::size + length;
  ++here_.seq;
  if (here_.seq % stride == 0 && here_.seq / stride == index_.size()) {
    index_.push_back(here_.offset);
  }
}

} // namespace troupe
