#include "tests/system/cli/fake_gateway.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <chrono>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cli_test {

namespace {

constexpr std::chrono::seconds answer_deadline{10};

bool receive(int fd, std::string& into) {
  std::array<char, 65536> bytes{};
  const auto count = ::recv(fd, bytes.data(), bytes.size(), 0);
  if (count > 0) {
    into.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return count > 0;
}

std::size_t content_length(const std::string& head) {
  constexpr std::string_view name = "Content-Length: ";
  const auto found = head.find(name);
  std::size_t length = 0;
  if (found != std::string::npos) {
    std::from_chars(head.data() + found + name.size(), head.data() + head.size(), length);
  }
  return length;
}

std::optional<seen_request> read_request(int fd) {
  std::string text;
  std::size_t end = 0;
  while ((end = text.find("\r\n\r\n")) == std::string::npos) {
    if (!receive(fd, text)) {
      return std::nullopt;
    }
  }
  seen_request request;
  request.head = text.substr(0, end);
  const auto length = content_length(request.head);
  request.body = text.substr(end + 4);
  while (request.body.size() < length) {
    if (!receive(fd, request.body)) {
      return std::nullopt;
    }
  }
  const auto first = request.head.find(' ');
  const auto second = request.head.find(' ', first + 1);
  request.method = request.head.substr(0, first);
  request.target = request.head.substr(first + 1, second - first - 1);
  return request;
}

bool is_such(const seen_request& request, std::string_view wanted) {
  return (request.method + " " + request.target).starts_with(wanted);
}

} // namespace

bool connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void connection::respond(int status, std::string_view content_type, std::string_view body) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Type: ";
  text += content_type;
  text += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
  write(text.append(body));
}

void connection::begin_chunks(std::string_view content_type) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Type: ";
  write(text.append(content_type).append("\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"));
}

bool connection::chunk(std::string_view bytes) {
  std::array<char, 32> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  std::string text(size.data(), end);
  return write(text.append("\r\n").append(bytes).append("\r\n"));
}

fake_gateway::fake_gateway(handler on_request) : on_request_(std::move(on_request)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&where), sizeof where);
  ::listen(listener_, 16);
  socklen_t size = sizeof where;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&where), &size);
  port_ = ntohs(where.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

fake_gateway::~fake_gateway() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  close_door();
  cut_connections();
  for (auto& one : sessions_) {
    one.thread.join();
  }
}

void fake_gateway::close_door() {
  if (acceptor_.joinable()) {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_.exchange(-1));
  }
}

void fake_gateway::cut_connections() {
  const std::lock_guard lock(mutex_);
  for (const int fd : open_) {
    ::shutdown(fd, SHUT_RDWR);
  }
}

void fake_gateway::accept_loop() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      return;
    }
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    if (ending_) {
      ::shutdown(fd, SHUT_RDWR);
    }
    sessions_.push_back({fd, std::thread([this, fd] { serve(fd); })});
  }
}

void fake_gateway::serve(int fd) {
  if (auto request = read_request(fd)) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
    }
    changed_.notify_all();
    connection peer(fd);
    on_request_(*request, peer);
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
  ::close(fd);
}

std::vector<seen_request> fake_gateway::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::optional<seen_request> fake_gateway::wait_for(std::string_view method_and_target) const {
  std::unique_lock lock(mutex_);
  std::vector<seen_request>::const_iterator found;
  const bool came = changed_.wait_for(lock, answer_deadline, [&] {
    found = std::ranges::find_if(requests_, [&](const auto& one) { return is_such(one, method_and_target); });
    return found != requests_.end();
  });
  return came ? std::optional{*found} : std::nullopt;
}

std::size_t fake_gateway::count(std::string_view method_and_target) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
    std::ranges::count_if(requests_, [&](const auto& one) { return is_such(one, method_and_target); }));
}

} // namespace cli_test
