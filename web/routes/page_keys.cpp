#include "web/routes/page_keys.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace troupe {
namespace {

std::string new_key() {
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, 2 * bytes.size() + 1> text{};
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

} // namespace

std::string page_keys::key_for(const std::string& application, const std::string& session) {
  const auto found = std::ranges::find_if(
    entries_, [&](const auto& each) { return each.application == application && each.session == session; });
  if (found != entries_.end()) {
    return found->key;
  }
  if (entries_.size() >= most_keys) {
    entries_.pop_front();
  }
  entries_.push_back({new_key(), application, session});
  return entries_.back().key;
}

bool page_keys::opens(const std::string& key, const std::string& application,
                      const std::function<bool(const std::string&)>& is_session) const {
  const auto found = std::ranges::find_if(entries_, [&](const auto& each) {
    return each.key.size() == key.size() && sodium_memcmp(each.key.data(), key.data(), key.size()) == 0;
  });
  return found != entries_.end() && found->application == application && is_session(found->session);
}

} // namespace troupe
