#pragma once

#include "runtime/store/head_store.hpp"

#include <algorithm>

namespace troupe {

/// Keeps everything in memory: for tests, and for systems in one process. Not thread-safe.
class fake_head_store final : public head_store {
public:
  void put_process(process_row what) override {
    auto at = std::ranges::find(content.processes, what.node, &process_row::node);
    if (at != content.processes.end()) {
      *at = std::move(what);
    } else {
      content.processes.push_back(std::move(what));
    }
  }
  void drop_process(std::string node) override {
    std::erase_if(content.processes, [&](const auto& row) { return row.node == node; });
    std::erase_if(content.actors, [&](const auto& row) { return row.node == node; });
  }
  void put_kind(kind_row what) override {
    std::erase_if(content.kinds, [&](const auto& row) { return row.kind == what.kind; });
    content.kinds.push_back(std::move(what));
  }
  void put_actors(std::vector<std::string> names, std::string node, std::uint32_t kind) override {
    for (auto& name : names) {
      if (auto* there = find(name)) {
        there->node = node;
        there->kind = kind;
        continue;
      }
      content.actors.push_back({std::move(name), node, kind, {}});
    }
  }
  void move_actor(std::string name, std::string node) override {
    if (auto* actor = find(name)) {
      actor->node = std::move(node);
    }
  }
  void drop_actors(std::vector<std::string> names) override {
    std::erase_if(content.actors, [&](const auto& row) { return std::ranges::find(names, row.name) != names.end(); });
  }
  void keep_checkpoint(std::string name, std::vector<std::uint8_t> checkpoint) override {
    if (auto* actor = find(name)) {
      actor->checkpoint = std::move(checkpoint);
    }
  }
  void set_next_number(std::uint64_t number) override { content.next_number = number; }
  void set_booted() override { content.booted = true; }
  void set_clean_end() override { content.clean_end = true; }
  void flush(std::function<void(result<>)> done) override { done({}); }

  actor_row* find(const std::string& name) {
    auto at = std::ranges::find(content.actors, name, &actor_row::name);
    return at == content.actors.end() ? nullptr : &*at;
  }

  store_content content;
};

} // namespace troupe
