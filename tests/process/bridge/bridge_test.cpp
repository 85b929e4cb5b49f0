#include "runtime/access/access_keeper.hpp"
#include "tests/process/bridge/bridge_client.hpp"
#include "tests/process/bridge/task_end.hpp"
#include "tests/system/web_alone/raw_client.hpp"
#include "web/bridge/bridge_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const std::string pid = "94edcac2-3529-4699-8468-d3a0c00696c2";

/// The real bridge on a free port; the test plays clients and tasks.
class Bridge : public ::testing::Test {
protected:
  Bridge() {
    char name[] = "/tmp/troupe-bridge-XXXXXX";
    folder_ = ::mkdtemp(name);
    runs_ = folder_ + "/runs";
    fs::create_directories(runs_);
  }
  ~Bridge() override {
    door_.reset();
    server_.reset();
    fs::remove_all(folder_);
  }

  void start(bridge_limits limits = {}, const std::string& host = "127.0.0.1") {
    bridge_server_options options;
    options.runs_folder = runs_;
    options.limits = limits;
    server_ = std::make_unique<bridge_server>(access_, options);
    auto opened = server_->open({host, 0, 5, "/"});
    ASSERT_TRUE(opened) << opened.error().text;
    door_ = std::move(*opened);
    const auto address = door_->address();
    ASSERT_TRUE(address.starts_with("ws://" + host + ":")) << address;
    port_ = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }

  bridge_client client(const std::string& of = pid) const { return bridge_client(port_, "/" + of); }

  std::string folder_;
  std::string runs_;
  steady_access_clock clock_;
  access_keeper access_{"token-for-the-tests-of-the-bridge", clock_};
  std::unique_ptr<bridge_server> server_;
  std::unique_ptr<open_listener> door_;
  std::uint16_t port_ = 0;
};

TEST_F(Bridge, MessagesOfBothKindsGoBothWaysWithTheirBorders) {
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  ASSERT_EQ(web.status(), 101u);
  auto end = task.accept();
  ASSERT_TRUE(end);
  for (const std::string& each : {std::string("привет"), std::string(), std::string(300'000, 'x')}) {
    for (const bool text : {true, false}) {
      ASSERT_TRUE(web.send(each, text));
      const auto got = end->receive();
      EXPECT_EQ(got.kind, text ? 1 : 2);
      EXPECT_EQ(got.payload, each);
      ASSERT_TRUE(end->send(text ? bridge_kind::text : bridge_kind::binary, each));
      const auto back = web.receive();
      EXPECT_EQ(back.text, text);
      EXPECT_EQ(back.payload, each);
    }
  }
}

TEST_F(Bridge, AMessageIsPassedOnBeforeItIsWhole) {
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  auto end = task.accept();
  ASSERT_TRUE(end && web.send_part("first half, ", false));
  ASSERT_TRUE(web.send_part("second half", true));
  EXPECT_EQ(end->receive().payload, "first half, second half");
}

TEST_F(Bridge, ATaskThatDoesNotListenYetIsAwaitedAndNothingIsLost) {
  start();
  task_end task(runs_, pid);
  auto web = client();
  ASSERT_EQ(web.status(), 101u) << "it waits connected";
  ASSERT_TRUE(web.send("result is 120"));
  web.vanish();
  task.listen();
  auto end = task.accept();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->receive().payload, "result is 120");
  EXPECT_EQ(end->receive().kind, 3);
}

TEST_F(Bridge, TheWaitEndsWithItsTimeOrWithTheTask) {
  bridge_limits limits;
  limits.wait_time = 100ms;
  start(limits);
  task_end task(runs_, pid);
  EXPECT_EQ(client().receive().code, 4008);
  task_end other(runs_, "other");
  limits.wait_time = 60s;
  door_.reset();
  server_.reset();
  start(limits);
  auto web = client("other");
  other.end();
  EXPECT_EQ(web.receive().code, 4004);
}

TEST_F(Bridge, OnlySoManyClientsWait) {
  bridge_limits limits;
  limits.max_waiting = 2;
  start(limits);
  task_end task(runs_, pid);
  auto first = client();
  auto second = client();
  EXPECT_EQ(second.status(), 101u);
  EXPECT_EQ(client().status(), 503u);
  task.listen();
  ASSERT_TRUE(task.accept() && task.accept());
  EXPECT_EQ(client().status(), 101u) << "a task that listens needs no room";
}

TEST_F(Bridge, OnlySoManyClientsAreThere) {
  bridge_limits limits;
  limits.max_connections = 2;
  start(limits);
  task_end task(runs_, pid);
  task.listen();
  auto first = client();
  {
    auto second = client();
    EXPECT_EQ(second.status(), 101u);
    EXPECT_EQ(client().status(), 0u);
    auto end = task.accept();
    ASSERT_TRUE(end);
    end->close(1000, "");
    auto other = task.accept();
    ASSERT_TRUE(other);
    second.close(1000, "");
    EXPECT_EQ(other->receive().kind, 3);
  }
  EXPECT_EQ(first.receive().code, 1000);
  for (int left = 2000; left > 0 && client().status() != 101; --left) {
    std::this_thread::sleep_for(1ms); // sleep: the pause of a wait for the places to be free
  }
  EXPECT_EQ(client().status(), 101u);
}

TEST_F(Bridge, TasksThatAreNotThereOrAreOverAreSaid) {
  start();
  EXPECT_EQ(client().status(), 404u);
  task_end task(runs_, pid);
  task.end();
  EXPECT_EQ(client().status(), 410u);
  EXPECT_EQ(bridge_client(port_, "/../" + pid).status(), 404u);
  EXPECT_EQ(bridge_client(port_, "/" + pid, {{"Origin", "http://evil.example"}}).status(), 403u);
}

TEST_F(Bridge, ClientsAreServedInTurn) {
  start();
  task_end task(runs_, pid);
  task.listen();
  std::vector<bridge_client> all;
  for (int i = 0; i < 8; ++i) {
    all.push_back(client());
    ASSERT_TRUE(all.back().send("client " + std::to_string(i)));
  }
  for (int i = 0; i < 8; ++i) {
    auto end = task.accept();
    ASSERT_TRUE(end);
    EXPECT_EQ(end->receive().payload, "client " + std::to_string(i));
    end->close(1000, "served");
    EXPECT_EQ(all[static_cast<std::size_t>(i)].receive().code, 1000);
  }
}

TEST_F(Bridge, AQueueThatIsFullIsAwaitedToo) {
  start();
  task_end task(runs_, pid);
  task.listen(0);
  std::vector<bridge_client> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(client());
    ASSERT_EQ(all.back().status(), 101u);
    ASSERT_TRUE(all.back().send("x"));
  }
  for (int i = 0; i < 5; ++i) {
    auto end = task.accept();
    ASSERT_TRUE(end) << i;
    EXPECT_EQ(end->receive().payload, "x");
  }
}

TEST_F(Bridge, ACloseGoesThroughInBothDirectionsBehindWhatWasSent) {
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  auto end = task.accept();
  ASSERT_TRUE(web.send("last"));
  web.close(4321, "genug");
  EXPECT_EQ(end->receive().payload, "last");
  auto close = end->receive();
  EXPECT_EQ(close.code, 4321);
  EXPECT_EQ(close.payload, "genug");

  auto second = client();
  end = task.accept();
  ASSERT_TRUE(end->send(bridge_kind::text, "bye"));
  end->close(3001, "done");
  EXPECT_EQ(second.receive().payload, "bye");
  const auto got = second.receive();
  EXPECT_EQ(got.code, 3001);
  EXPECT_EQ(got.payload, "done");
}

TEST_F(Bridge, ASideThatVanishesIsToldToTheOther) {
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  auto end = task.accept();
  web.vanish();
  EXPECT_EQ(end->receive().code, 1006);
  auto second = client();
  end = task.accept();
  end->drop();
  EXPECT_EQ(second.receive().code, 4000);
}

TEST_F(Bridge, BytesThatAreNoFramesEndTheirConnectionOnly) {
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  auto end = task.accept();
  ASSERT_TRUE(end->send_bytes(std::string(64, '\xff')));
  EXPECT_EQ(web.receive().code, 1011);
  auto second = client();
  end = task.accept();
  ASSERT_TRUE(second.send("\xff\xff") || true);
  EXPECT_EQ(second.receive().code, 1007) << "a text that is not UTF-8";
  auto third = client();
  end = task.accept();
  ASSERT_TRUE(end && third.send("still here"));
  EXPECT_EQ(end->receive().payload, "still here");
}

TEST_F(Bridge, ASlowTaskHoldsItsClientBackAndTheBridgeKeepsLittle) {
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  auto end = task.accept();
  constexpr std::size_t size = 64u << 20;
  std::atomic<bool> sent{false};
  std::thread sender([&] {
    EXPECT_TRUE(web.send(std::string(size, 'x'), false));
    sent = true;
  });
  std::this_thread::sleep_for(100ms); // sleep: time in which a bridge that keeps all would have taken all
  EXPECT_FALSE(sent);
  const auto got = end->receive();
  sender.join();
  EXPECT_EQ(got.payload.size(), size);
}

TEST_F(Bridge, ASlowClientHoldsItsTaskBack) {
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  auto end = task.accept();
  constexpr std::size_t size = 64u << 20;
  std::atomic<bool> sent{false};
  std::thread sender([&] {
    EXPECT_TRUE(end->send(bridge_kind::binary, std::string(size, 'y')));
    sent = true;
  });
  std::this_thread::sleep_for(100ms); // sleep: as above
  EXPECT_FALSE(sent);
  EXPECT_EQ(web.receive().payload.size(), size);
  sender.join();
}

TEST_F(Bridge, ClosingTheDoorTellsBothSidesAndFreesThePort) {
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  auto end = task.accept();
  ASSERT_TRUE(web.send("x"));
  EXPECT_EQ(end->receive().payload, "x");
  std::thread closing([&] { door_.reset(); });
  EXPECT_EQ(web.receive().code, 1001);
  EXPECT_EQ(end->receive().code, 1001);
  closing.join();
  auto again = server_->open({"127.0.0.1", port_, 5, "/"});
  EXPECT_TRUE(again) << again.error().text;
}

TEST_F(Bridge, ALongStateFolderWorks) {
  runs_ = folder_ + "/" + std::string(120, 'a') + "/" + std::string(120, 'b') + "/runs";
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  auto end = task.accept();
  ASSERT_TRUE(end && web.send("x"));
  EXPECT_EQ(end->receive().payload, "x");
}

TEST_F(Bridge, AScriptCannotLeadItToASocketElsewhere) {
  bridge_limits limits;
  limits.wait_time = 50ms;
  start(limits);
  task_end victim(folder_ + "/elsewhere", "victim");
  victim.listen();
  task_end task(runs_, pid);
  fs::create_symlink(victim.work() + "/.bridge", task.work() + "/.bridge");
  EXPECT_EQ(client().receive().code, 4008);
  fs::remove_all(task.work());
  fs::create_directory_symlink(victim.work(), task.work());
  EXPECT_EQ(client().receive().code, 4008);
  fs::remove(task.work());
  fs::create_directories(task.work());
  std::ofstream(task.work() + "/.bridge") << "no socket";
  EXPECT_EQ(client().receive().code, 4008);
}

/// An address of this machine that is not its loopback; empty if there is none.
std::string other_address() {
  ifaddrs* all = nullptr;
  std::string out;
  if (::getifaddrs(&all) == 0) {
    for (const auto* each = all; each != nullptr && out.empty(); each = each->ifa_next) {
      if (each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET && (each->ifa_flags & IFF_LOOPBACK) == 0) {
        char text[INET_ADDRSTRLEN] = {};
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr, text, sizeof text);
        out = text;
      }
    }
    ::freeifaddrs(all);
  }
  return out;
}

TEST_F(Bridge, WhoComesFromElsewhereNeedsTheToken) {
  const auto host = other_address();
  if (host.empty()) {
    GTEST_SKIP() << "this machine has no other address";
  }
  start({}, "0.0.0.0");
  task_end task(runs_, pid);
  task.listen();
  EXPECT_EQ(client().status(), 101u) << "from this machine the pid is enough";
  EXPECT_EQ(bridge_client(port_, "/" + pid, {}, host).status(), 401u);
  const std::vector<bridge_client::header> token{{"Authorization", "Bearer token-for-the-tests-of-the-bridge"}};
  EXPECT_EQ(bridge_client(port_, "/" + pid, token, host).status(), 101u);
}

TEST_F(Bridge, ClientsThatSpeakNoHttpOrNothingAreLetGo) {
  bridge_limits limits;
  limits.head_time = 100ms;
  start(limits);
  task_end task(runs_, pid);
  task.listen();
  for (const std::string& bytes : {std::string("\x16\x03\x01 no http\n\n"), std::string(64 << 10, 'a'),
                                   std::string("GET /x HTTP/1.1\r\nHost: a\r\n x: folded\r\n\r\n"),
                                   std::string("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde")}) {
    raw_client raw(port_);
    raw.send(bytes);
    const auto answer = raw.read_answer();
    EXPECT_GE(answer.status, 400) << bytes.substr(0, 20);
  }
  raw_client silent(port_);
  EXPECT_TRUE(silent.is_closed_within(10s));
  auto web = client();
  EXPECT_EQ(web.status(), 101u);
}

TEST_F(Bridge, ABusyPortAndAWrongHostAreRefused) {
  start();
  const auto busy = server_->open({"127.0.0.1", port_, 5, "/"});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, error_code::conflict);
  const auto wrong = server_->open({"not an address", 0, 5, "/"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, error_code::bad_request);
}

TEST_F(Bridge, TheEndOfTheServerCutsWhatIsOpen) {
  start();
  task_end task(runs_, pid);
  task.listen();
  auto web = client();
  auto waiting = client();
  auto kept = std::move(door_);
  server_.reset();
  kept.reset();
  EXPECT_EQ(client().status(), 0u);
}

} // namespace
} // namespace troupe
