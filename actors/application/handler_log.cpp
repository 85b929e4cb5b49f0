#include <actors/application/handler_log.hpp>

#include <chrono>

namespace troupe {

void handler_log::add(const std::string& handler, const std::string& task, unsigned status, std::string reason) {
  if (entries_.size() == most_entries) {
    entries_.pop_front();
  }
  if (reason.size() > most_reason_bytes) {
    reason.resize(most_reason_bytes);
  }
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  entries_.push_back({{"at", now},
                      {"handler", handler},
                      {"task", task.empty() ? json(nullptr) : json(task)},
                      {"status", status},
                      {"reason", std::move(reason)}});
}

json handler_log::to_json() const {
  json out = json::array();
  for (const auto& each : entries_) {
    out.push_back(each);
  }
  return out;
}

} // namespace troupe
