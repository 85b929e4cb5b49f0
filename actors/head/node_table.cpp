#include "actors/head/node_table.hpp"

#include <algorithm>

namespace troupe {

namespace {
bool is_process_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '_' || letter == '-';
  });
}
} // namespace

result<node_record*> node_table::add(const std::string& process, std::uint32_t incarnation) {
  auto name = process;
  if (name.empty()) {
    do {
      name = "process_" + std::to_string(next_number_++);
    } while (find(host_ + "." + name + ".admin") != nullptr);
  } else if (!is_process_name(name)) {
    return fail(error_code::bad_request, "the process name \"" + name + "\" may have letters, digits, '_' and '-' only");
  }
  node_record made;
  made.node = host_ + "." + name + ".admin";
  made.incarnation = incarnation;
  if (find(made.node) != nullptr) {
    return fail(error_code::name_taken, "there is a node " + made.node + " already");
  }
  records_.push_back(std::move(made));
  return &records_.back();
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
    all.push_back(record.node);
  }
  return all;
}

} // namespace troupe
