#include "runtime/scripts/folder_watch.hpp"

#include <array>
#include <utility>

#include <sys/inotify.h>
#include <unistd.h>

namespace troupe {

folder_watch::folder_watch(std::filesystem::path folder, bool use_inotify) : folder_(std::move(folder)) {
  if (use_inotify) {
    events_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  }
}

bool folder_watch::begin() {
  constexpr std::uint32_t wanted = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB |
                                   IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  watch_ = events_ ? ::inotify_add_watch(events_.get(), folder_.c_str(), wanted) : -1;
  return watch_ >= 0;
}

/// Takes everything that has come. A watch that ended with its folder is begun anew the next time.
bool folder_watch::take_events() {
  alignas(inotify_event) std::array<char, 16u << 10> bytes{};
  bool some = false;
  for (;;) {
    const auto got = ::read(events_.get(), bytes.data(), bytes.size());
    if (got <= 0) {
      return some;
    }
    some = true;
    for (ssize_t at = 0; at + static_cast<ssize_t>(sizeof(inotify_event)) <= got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(bytes.data() + at);
      if ((event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0 && event->wd == watch_) {
        ::inotify_rm_watch(events_.get(), std::exchange(watch_, -1));
      }
      at += static_cast<ssize_t>(sizeof(inotify_event)) + event->len;
    }
  }
}

bool folder_watch::has_changed(time_point now) {
  bool changed = !std::exchange(was_asked_, true);
  if (events_) {
    changed = take_events() || changed;
  }
  if (watch_ < 0 && begin()) {
    changed = true; // since the last look it was not watched
  }
  if (watch_ < 0 && (changed || now - last_scan_ >= scan_every)) {
    changed = true;
  }
  if (changed) {
    last_scan_ = now;
  }
  return changed;
}

} // namespace troupe
