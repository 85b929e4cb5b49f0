#include "tests/system/harness/line_log.hpp"

namespace system_test {

void line_log::append(std::string_view bytes) {
  {
    std::lock_guard lock(mutex_);
    all_ += bytes;
    for (char c : bytes) {
      if (c == '\n') {
        lines_.push_back(std::move(rest_));
        rest_.clear();
      } else {
        rest_ += c;
      }
    }
  }
  changed_.notify_all();
}

void line_log::close() {
  {
    std::lock_guard lock(mutex_);
    if (!rest_.empty()) {
      lines_.push_back(std::move(rest_));
      rest_.clear();
    }
    closed_ = true;
  }
  changed_.notify_all();
}

std::optional<std::string> line_log::wait_for(std::string_view text, milliseconds limit, std::size_t from,
                                              std::size_t* next) const {
  const auto end = clock::now() + scaled(limit);
  std::unique_lock lock(mutex_);
  std::size_t seen = from;
  while (true) {
    for (; seen < lines_.size(); ++seen) {
      if (lines_[seen].find(text) != std::string::npos) {
        if (next != nullptr) {
          *next = seen + 1;
        }
        return lines_[seen];
      }
    }
    if (closed_ || changed_.wait_until(lock, end) == std::cv_status::timeout) {
      if (closed_ || clock::now() >= end) {
        return std::nullopt;
      }
    }
  }
}

bool line_log::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

std::vector<std::string> line_log::lines() const {
  std::lock_guard lock(mutex_);
  return lines_;
}

std::size_t line_log::size() const {
  std::lock_guard lock(mutex_);
  return lines_.size();
}

std::string line_log::text() const {
  std::lock_guard lock(mutex_);
  return all_;
}

std::size_t line_log::count(std::string_view text, std::size_t from) const {
  std::lock_guard lock(mutex_);
  std::size_t found = 0;
  for (std::size_t i = from; i < lines_.size(); ++i) {
    found += lines_[i].find(text) != std::string::npos ? 1 : 0;
  }
  return found;
}

} // namespace system_test
