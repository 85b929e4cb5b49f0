#include "tests/process/link/link_fixture.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

namespace troupe::testing {

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

class LinkListener : public link_fixture {
protected:
  static int raw_dial(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << std::strerror(errno);
    return fd;
  }
};

TEST_F(LinkListener, DialedLinkCarriesFramesBothWays) {
  auto there = make_recorder(), here = make_recorder();
  auto listener = transport().listen(path("s"), [&] { return there; });
  ASSERT_TRUE(listener) << listener.error().text;
  ASSERT_TRUE(transport().dial(path("s"), here));
  ASSERT_TRUE(here->opened()->send(frame_type::hello, bytes{1}, lane::control));
  ASSERT_TRUE(there->opened()->send(frame_type::accepted, bytes{2}, lane::control));
  EXPECT_TRUE(there->has_frames(1));
  EXPECT_TRUE(here->has_frames(1));
}

TEST_F(LinkListener, SocketFileIsPrivateAndGoesWithTheListener) {
  const auto old = ::umask(0);
  auto listener = transport().listen(path("s"), [] { return make_recorder(); });
  ::umask(old);
  ASSERT_TRUE(listener);
  struct stat found {};
  ASSERT_EQ(::lstat(path("s").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
  listener->reset();
  EXPECT_NE(::lstat(path("s").c_str(), &found), 0);
}

TEST_F(LinkListener, StaleFileIsReplacedAndLivingListenerIsNot) {
  transport();
  const int dead = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path("s").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(dead);
  auto listener = transport().listen(path("s"), [] { return make_recorder(); });
  ASSERT_TRUE(listener) << listener.error().text;
  const auto second = transport().listen(path("s"), [] { return make_recorder(); });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, error_code::conflict);
}

TEST_F(LinkListener, OrdinaryFileIsNeverReplaced) {
  std::ofstream(path("notes")) << "precious";
  const auto refused = transport().listen(path("notes"), [] { return make_recorder(); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::conflict);
  EXPECT_EQ(std::filesystem::file_size(path("notes")), 8u);
}

TEST_F(LinkListener, FileOfSuccessorIsNotRemoved) {
  auto first = transport().listen(path("s"), [] { return make_recorder(); });
  ASSERT_TRUE(first);
  ASSERT_EQ(::unlink(path("s").c_str()), 0);
  auto second = transport().listen(path("s"), [] { return make_recorder(); });
  ASSERT_TRUE(second);
  first->reset();
  EXPECT_TRUE(std::filesystem::exists(path("s")));
}

TEST_F(LinkListener, PathThatIsTooLongIsNamedInTheError) {
  const std::string name(max_path_name(), 'x');
  auto longest = transport().listen(path(name), [] { return make_recorder(); });
  EXPECT_TRUE(longest);
  for (const auto& refused : {transport().dial(path(name + "x"), make_recorder())}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, error_code::bad_request);
    EXPECT_NE(refused.error().text.find("107"), std::string::npos) << refused.error().text;
  }
  EXPECT_FALSE(transport().listen(path(name + "x"), [] { return make_recorder(); }));
}

TEST_F(LinkListener, DialWhereNobodyListensFailsAtOnce) {
  const auto missing = transport().dial(path("nothing"), make_recorder());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, error_code::unavailable);
}

TEST_F(LinkListener, PeerThatSaysNothingIsClosedAfterTheDeadline) {
  options.hello_deadline = std::chrono::milliseconds{50};
  auto there = make_recorder(false);
  auto listener = transport().listen(path("s"), [&] { return there; });
  const int silent = raw_dial(path("s"));
  EXPECT_NE(there->reason().find("hello within 50 ms"), std::string::npos) << there->reason();
  EXPECT_TRUE(read_all(silent).empty());
  ::close(silent);
}

TEST_F(LinkListener, DeadlineDoesNotTouchTrustedLink) {
  options.hello_deadline = std::chrono::milliseconds{50};
  auto silent = make_recorder(false), trusted = make_recorder(true);
  const int first = raw_peer_of(trusted), second = raw_peer_of(silent);
  EXPECT_TRUE(silent->is_closed());
  write_all(first, encoded(frame_type::ping, {}));
  EXPECT_TRUE(trusted->has_frames(1));
  EXPECT_TRUE(trusted->reasons().empty());
  ::close(first);
  ::close(second);
}

TEST_F(LinkListener, PeersAreTurnedAwayWithoutFreeDescriptorsAndTakenAgainLater) {
  if (is_sanitized)
    GTEST_SKIP() << "the sanitizer's own checks need descriptors";
  auto listener = transport().listen(path("s"), [] { return make_recorder(); });
  ASSERT_TRUE(listener);
  std::vector<int> sockets;
  for (int i = 0; i < 3; ++i)
    sockets.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path("s").copy(address.sun_path, sizeof address.sun_path - 1);
  rlimit usual{};
  ::getrlimit(RLIMIT_NOFILE, &usual);
  rlimit few = usual;
  few.rlim_cur = 200;
  ::setrlimit(RLIMIT_NOFILE, &few);
  std::vector<int> wasted;
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0))
    wasted.push_back(fd);
  const int connected = ::connect(sockets[0], reinterpret_cast<sockaddr*>(&address), sizeof address);
  char byte = 0;
  const auto count = ::recv(sockets[0], &byte, 1, 0);
  for (const int fd : wasted)
    ::close(fd);
  ::setrlimit(RLIMIT_NOFILE, &usual);
  EXPECT_FALSE(wasted.empty());
  EXPECT_EQ(connected, 0);
  EXPECT_LE(count, 0) << "the peer learns that it was turned away";
  auto here = make_recorder();
  ASSERT_TRUE(transport().dial(path("s"), here));
  EXPECT_NE(here->opened(), nullptr);
  EXPECT_FALSE(log().empty());
  for (const int fd : sockets)
    ::close(fd);
}

TEST_F(LinkListener, ListenerRestsWhenNotEvenTheReserveHelps) {
  if (is_sanitized)
    GTEST_SKIP() << "the sanitizer's own checks need descriptors";
  auto listener = transport().listen(path("s"), [] { return make_recorder(); });
  ASSERT_TRUE(listener);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path("s").copy(address.sun_path, sizeof address.sun_path - 1);
  rlimit usual{};
  ::getrlimit(RLIMIT_NOFILE, &usual);
  rlimit none = usual;
  none.rlim_cur = 3; // below what is open: a freed number does not help
  ::setrlimit(RLIMIT_NOFILE, &none);
  const int connected = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  const bool was_told = eventually([&] { return log().size() >= 3; });
  const auto told = log().size();
  ::setrlimit(RLIMIT_NOFILE, &usual);
  EXPECT_EQ(connected, 0);
  EXPECT_TRUE(was_told);
  EXPECT_LT(told, 100u) << "it spins";
  auto here = make_recorder();
  ASSERT_TRUE(transport().dial(path("s"), here));
  EXPECT_NE(here->opened(), nullptr);
  ASSERT_TRUE(here->opened()->send(frame_type::hello, bytes{1}, lane::control));
  EXPECT_TRUE(eventually([&] { return here->opened()->queued_bytes() == 0; }));
  ::close(fd);
}

TEST_F(LinkListener, HundredPeersComeAndGo) {
  std::mutex mutex;
  std::vector<std::shared_ptr<recording_handler>> there;
  auto listener = transport().listen(path("s"), [&] {
    std::lock_guard lock{mutex};
    there.push_back(make_recorder());
    return there.back();
  });
  std::vector<std::shared_ptr<recording_handler>> here;
  for (int i = 0; i < 100; ++i) {
    here.push_back(make_recorder());
    ASSERT_TRUE(transport().dial(path("s"), here.back()));
    ASSERT_TRUE(here.back()->opened()->send(frame_type::hello, bytes{1}, lane::control));
    here.back()->opened()->close("served");
  }
  for (const auto& handler : here)
    EXPECT_EQ(handler->reason(), "served");
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock{mutex};
    return there.size() == 100;
  }));
  for (const auto& handler : there) {
    EXPECT_TRUE(handler->is_closed());
    EXPECT_EQ(handler->frames_at_close(), 1u);
  }
}

} // namespace

} // namespace troupe::testing
