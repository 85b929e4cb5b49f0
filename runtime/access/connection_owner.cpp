#include "runtime/access/connection_owner.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe {
namespace {

/// The bytes of an address as they are sent; nothing if the text is none.
struct raw_address {
  int family = AF_UNSPEC;
  std::array<unsigned char, 16> bytes{};
};

raw_address raw_of(const std::string& text) {
  raw_address out;
  if (::inet_pton(AF_INET, text.c_str(), out.bytes.data()) == 1) {
    out.family = AF_INET;
  } else if (::inet_pton(AF_INET6, text.c_str(), out.bytes.data()) == 1) {
    out.family = AF_INET6;
    static constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::memcmp(out.bytes.data(), mapped.data(), mapped.size()) == 0) { // an IPv4 connection
      out.family = AF_INET;
      std::memmove(out.bytes.data(), out.bytes.data() + mapped.size(), 4);
      std::memset(out.bytes.data() + 4, 0, 12);
    }
  }
  return out;
}

/// As the table writes it: words of 32 bits in the machine's order, in hexadecimal digits.
std::string table_text(const raw_address& address, std::uint16_t port) {
  std::string out;
  char piece[16];
  for (int at = 0; at < (address.family == AF_INET ? 4 : 16); at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, address.bytes.data() + at, sizeof word);
    std::snprintf(piece, sizeof piece, "%08X", word);
    out += piece;
  }
  std::snprintf(piece, sizeof piece, ":%04X", port);
  return out + piece;
}

struct diag_socket {
  int fd = ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  ~diag_socket() {
    if (fd >= 0) {
      ::close(fd);
    }
  }
};

struct diag_request {
  nlmsghdr head{};
  inet_diag_req_v2 what{};
};

diag_request request_of(const raw_address& client, std::uint16_t client_port, const raw_address& server,
                        std::uint16_t server_port) {
  diag_request out;
  out.head.nlmsg_len = sizeof out;
  out.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  out.head.nlmsg_flags = NLM_F_REQUEST;
  out.what.sdiag_family = static_cast<std::uint8_t>(client.family);
  out.what.sdiag_protocol = IPPROTO_TCP;
  out.what.idiag_states = ~0U;
  out.what.id.idiag_sport = htons(client_port);
  out.what.id.idiag_dport = htons(server_port);
  std::memcpy(out.what.id.idiag_src, client.bytes.data(), client.bytes.size());
  std::memcpy(out.what.id.idiag_dst, server.bytes.data(), server.bytes.size());
  out.what.id.idiag_cookie[0] = out.what.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return out;
}

enum class asked { not_possible, nobody, somebody };

/// Asks the kernel for this one socket.
asked ask_kernel(const diag_request& what, std::uint32_t& user) {
  const diag_socket socket;
  if (socket.fd < 0 || ::send(socket.fd, &what, sizeof what, 0) != static_cast<ssize_t>(sizeof what)) {
    return asked::not_possible;
  }
  alignas(nlmsghdr) std::array<char, 4096> bytes{};
  const auto got = ::recv(socket.fd, bytes.data(), bytes.size(), 0);
  const auto* head = reinterpret_cast<const nlmsghdr*>(bytes.data());
  if (got < static_cast<ssize_t>(sizeof *head)) {
    return asked::not_possible;
  }
  if (head->nlmsg_type == NLMSG_ERROR) {
    const auto* problem = reinterpret_cast<const nlmsgerr*>(NLMSG_DATA(head));
    return problem->error == -ENOENT ? asked::nobody : asked::not_possible;
  }
  if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY || got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg)))) {
    return asked::not_possible;
  }
  const auto* found = reinterpret_cast<const inet_diag_msg*>(NLMSG_DATA(head));
  user = found->idiag_uid;
  return found->idiag_inode != 0 ? asked::somebody : asked::nobody;
}

std::string whole_file(const char* path) {
  std::ifstream file(path);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

} // namespace

std::optional<std::uint32_t> owner_in_socket_table(const std::string& table, const tcp_end& client, const tcp_end& server) {
  const auto from = raw_of(client.address);
  const auto to = raw_of(server.address);
  if (from.family == AF_UNSPEC || from.family != to.family) {
    return std::nullopt;
  }
  auto local = table_text(from, client.port);
  auto remote = table_text(to, server.port);
  const std::string mapped = std::string(16, '0') + (std::endian::native == std::endian::little ? "FFFF0000" : "0000FFFF");
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, here, there, state, queues, timer, retries, user, timeout, inode;
    words >> number >> here >> there >> state >> queues >> timer >> retries >> user >> timeout >> inode;
    const bool fits = (here == local && there == remote) || (here == mapped + local && there == mapped + remote);
    if (fits && !inode.empty() && inode != "0") {
      return static_cast<std::uint32_t>(std::strtoul(user.c_str(), nullptr, 10));
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> connection_owner(const tcp_end& client, const tcp_end& server) {
  const auto from = raw_of(client.address);
  const auto to = raw_of(server.address);
  if (from.family == AF_UNSPEC || from.family != to.family) {
    return std::nullopt;
  }
  std::uint32_t user = 0;
  switch (ask_kernel(request_of(from, client.port, to, server.port), user)) {
  case asked::somebody: return user;
  case asked::nobody: return std::nullopt;
  case asked::not_possible: break;
  }
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    if (const auto found = owner_in_socket_table(whole_file(table), client, server)) {
      return found;
    }
  }
  return std::nullopt;
}

} // namespace troupe
