#include "actors/head/node_table.hpp"

#include <algorithm>
#include <charconv>

namespace troupe {

namespace {
bool is_process_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '_' || letter == '-';
  });
}
constexpr std::size_t most_deaths = 10;
} // namespace

node_record::node_record(std::string name, const restart_limits& limits)
  : node(std::move(name)), policy(limits, std::hash<std::string>{}(node)) {}

void node_record::note_death(const std::string& how) {
  deaths.push_back(how);
  if (deaths.size() > most_deaths) {
    deaths.erase(deaths.begin());
  }
}

process_row node_record::row() const {
  return {node, incarnation, is_running() ? pid : 0, wish.permanent, wish.declared, wish.persist, numbered, restarts};
}

const char* to_text(node_record::condition state) noexcept {
  switch (state) {
  case node_record::condition::starting:
    return "starting";
  case node_record::condition::up:
    return "up";
  case node_record::condition::ending:
    return "ending";
  case node_record::condition::waiting:
    return "restarting";
  case node_record::condition::quarantined:
    return "quarantined";
  }
  return "";
}

result<node_record*> node_table::add(const std::string& process, std::uint32_t incarnation) {
  auto name = process;
  if (name.empty()) {
    do {
      name = "process_" + std::to_string(next_number_++);
    } while (find(host_ + "." + name + ".admin") != nullptr);
  } else if (!is_process_name(name)) {
    return fail(error_code::bad_request, "the process name \"" + name + "\" may have letters, digits, '_' and '-' only");
  }
  node_record made{host_ + "." + name + ".admin", limits_};
  made.numbered = process.empty();
  made.incarnation = incarnation;
  if (find(made.node) != nullptr) {
    return fail(error_code::name_taken, "there is a node " + made.node + " already");
  }
  records_.push_back(std::move(made));
  return &records_.back();
}

node_record* node_table::restore(const process_row& row) {
  if (find(row.node) != nullptr) {
    return nullptr;
  }
  node_record made{row.node, limits_};
  made.incarnation = row.incarnation;
  made.pid = row.pid;
  made.state = node_record::condition::waiting;
  made.wish = {"", row.permanent, row.persist, row.declared};
  made.numbered = row.numbered;
  made.restarts = row.restarts;
  made.came_up = true;
  records_.push_back(std::move(made));
  return &records_.back();
}

result<node_record*> node_table::take_over(const std::string& node, std::uint32_t incarnation, pid_t pid) {
  const std::string_view head = host_;
  constexpr std::string_view tail = ".admin";
  std::string_view process = node;
  if (!process.starts_with(head) || !process.ends_with(tail) || process.size() <= head.size() + 1 + tail.size()) {
    return fail(error_code::bad_request, node + " is no node of the host " + host_);
  }
  process = process.substr(head.size() + 1, process.size() - head.size() - 1 - tail.size());
  auto made = add(std::string{process}, incarnation);
  if (!made) {
    return made;
  }
  (*made)->pid = pid;
  (*made)->adopted = true;
  constexpr std::string_view counted = "process_";
  std::uint64_t number = 0;
  if (process.starts_with(counted)) {
    const auto* end = process.data() + process.size();
    if (auto read = std::from_chars(process.data() + counted.size(), end, number); read.ec == std::errc{} && read.ptr == end) {
      next_number_ = std::max(next_number_, number + 1);
    }
  }
  return made;
}

node_record* node_table::find(const std::string& node) {
  auto at = std::ranges::find(records_, node, &node_record::node);
  return at == records_.end() ? nullptr : &*at;
}

void node_table::remove(const std::string& node) {
  std::erase_if(records_, [&](const node_record& record) { return record.node == node; });
}

node_record node_table::take(node_record& record) {
  auto taken = std::move(record);
  records_.erase(records_.begin() + (&record - records_.data()));
  return taken;
}

std::vector<std::string> node_table::names() const {
  std::vector<std::string> all;
  for (const auto& record : records_) {
    if (record.is_running()) {
      all.push_back(record.node);
    }
  }
  return all;
}

} // namespace troupe
