#include <runtime/observer/input_queue.hpp>

#include <algorithm>
#include <utility>

namespace troupe {
namespace {

std::unexpected<error> refused(const std::string& reason) {
  return fail(error_code::conflict, "cannot write to the script's standard input: " + reason);
}

} // namespace

input_queue::input_queue(bool is_open) : closed_(is_open ? "" : "the script was started without an open standard input") {}

input_queue input_queue::from_json(const json& value) {
  input_queue out{true};
  if (!value.is_object()) {
    return out;
  }
  out.accepted_ = value.value("accepted", std::uint64_t{0});
  out.taken_ = out.sent_ = std::min(value.value("taken", std::uint64_t{0}), out.accepted_);
  out.closed_ = value.value("closed", std::string{});
  out.wants_close_ = value.value("wants_close", false);
  const auto writes = value.value("writes", json::array());
  for (const auto& one : writes) {
    const auto& bytes = one.at("bytes").get_binary();
    out.writes_.push_back({{bytes.begin(), bytes.end()}, one.at("end").get<std::uint64_t>(),
                           one.at("key").get<std::string>(), {}});
  }
  const auto ended = value.value("ended", json::array());
  for (const auto& one : ended) {
    const auto reason = one.value("reason", std::string{});
    out.ended_.emplace(one.at("key").get<std::string>(),
                       reason.empty() ? result<std::size_t>{one.at("bytes").get<std::size_t>()}
                                      : result<std::size_t>{fail(error_code::conflict, reason)});
  }
  return out;
}

json input_queue::to_json() const {
  json writes = json::array();
  for (const auto& one : writes_) {
    writes.push_back({{"bytes", json::binary({one.bytes.begin(), one.bytes.end()})}, {"end", one.end}, {"key", one.key}});
  }
  json ended = json::array();
  for (const auto& [key, how] : ended_) {
    ended.push_back({{"key", key}, {"bytes", how.value_or(0)}, {"reason", how ? "" : how.error().text}});
  }
  return {{"accepted", accepted_}, {"taken", taken_},           {"closed", closed_},
          {"wants_close", wants_close_}, {"writes", std::move(writes)}, {"ended", std::move(ended)}};
}

void input_queue::write(std::string bytes, std::string key, answer done) {
  if (!closed_.empty()) {
    done(refused(closed_));
  } else if (waiting() >= queue_limit) {
    done(fail(error_code::mailbox_full, "cannot write to the script's standard input: " + std::to_string(waiting()) +
                                          " bytes wait already; write again when they were read"));
  } else {
    accepted_ += bytes.size();
    writes_.push_back({std::move(bytes), accepted_, std::move(key), std::move(done)});
    settle();
  }
}

bool input_queue::claim(const std::string& key, answer done) {
  if (const auto found = ended_.find(key); found != ended_.end()) {
    auto how = std::move(found->second);
    ended_.erase(found);
    done(std::move(how));
    return true;
  }
  const auto found = std::ranges::find_if(writes_, [&](const entry& one) { return !key.empty() && one.key == key; });
  if (found == writes_.end()) {
    return false;
  }
  found->done = std::move(done);
  return true;
}

std::vector<std::string> input_queue::withdraw() {
  std::vector<std::string> out;
  for (auto& one : writes_) {
    if (!one.key.empty() && one.done) {
      one.done = nullptr;
      out.push_back(one.key);
    }
  }
  return out;
}

input_piece input_queue::next_piece() {
  const auto room = std::min<std::uint64_t>(window - std::min<std::uint64_t>(sent_ - taken_, window), piece_limit);
  for (const auto& one : writes_) {
    if (one.end > sent_ && room > 0) {
      input_piece piece{sent_, one.bytes.substr(sent_ - one.begin(), room)};
      sent_ += piece.bytes.size();
      return piece;
    }
  }
  return {};
}

void input_queue::taken(std::uint64_t total) {
  taken_ = std::clamp(total, taken_, std::max(taken_, accepted_));
  sent_ = std::max(sent_, taken_);
  settle();
}

void input_queue::attached(std::uint64_t received) {
  if (received > accepted_) { // written by a user of whom only an earlier state was kept
    for (auto& one : std::exchange(writes_, {})) {
      answer_one(one, one.bytes.size());
    }
    accepted_ = taken_ = received;
  }
  sent_ = std::max(received, taken_);
  close_told_ = false;
}

bool input_queue::close() {
  if (!closed_.empty()) {
    return false;
  }
  closed_ = "it was closed before";
  wants_close_ = true;
  return true;
}

bool input_queue::close_is_due() {
  return wants_close_ && sent_ == accepted_ && !std::exchange(close_told_, true);
}

void input_queue::broken(const std::string& reason) {
  closed_ = reason;
  wants_close_ = false;
  sent_ = taken_ = accepted_;
  for (auto& one : std::exchange(writes_, {})) {
    answer_one(one, refused(reason));
  }
}

void input_queue::settle() {
  while (!writes_.empty() && writes_.front().end <= taken_) {
    auto first = std::move(writes_.front());
    writes_.pop_front();
    answer_one(first, first.bytes.size());
  }
}

void input_queue::answer_one(entry& one, result<std::size_t> how) {
  if (one.done) {
    one.done(std::move(how));
  } else if (!one.key.empty()) {
    ended_.insert_or_assign(one.key, std::move(how));
  }
}

} // namespace troupe
