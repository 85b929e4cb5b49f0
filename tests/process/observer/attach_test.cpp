#include "run_fixture.hpp"

#include <algorithm>

namespace troupe {
namespace {

class ObserverAttach : public run_fixture {
protected:
  /// Prints numbered lines until it is told to end, then a last one.
  run_plan counter() {
    auto what = python(R"(
import sys, threading
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), ended.set()), daemon=True).start()
n = 0
while not ended.is_set():
    for _ in range(200):
        sys.stdout.write(f"line {n}\n")
        n += 1
    ended.wait(0.001)
print("last", n)
)");
    what.stdin_open = true;
    return what;
  }

  static void expect_all_lines(const std::string& text) {
    std::size_t at = 0;
    for (int n = 0;; ++n) {
      const auto line = "line " + std::to_string(n) + "\n";
      if (text.compare(at, line.size(), line) != 0) {
        EXPECT_EQ(text.substr(at), "last " + std::to_string(n) + "\n");
        return;
      }
      at += line.size();
    }
  }
};

TEST_F(ObserverAttach, NewestUserIsObeyedAndTheOlderOneIsToldAndCutOff) {
  auto what = shell("read line; echo got $line; read line; echo got $line");
  what.stdin_open = true;
  auto& first = start(what);
  ASSERT_TRUE(first.started());
  auto& second = attach(what, 2);
  ASSERT_TRUE(second.started());
  EXPECT_EQ(second.started()->pid, first.started()->pid);
  EXPECT_TRUE(first.replaced());
  first.handle->signal(SIGKILL); // nobody obeys it
  EXPECT_TRUE(second.write("one\n"));
  auto& third = attach(what, 3);
  ASSERT_TRUE(third.started());
  EXPECT_TRUE(third.write("two\n"));
  const auto end = third.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_EQ(third.all(spool_stream::out), "got one\ngot two\n");
  EXPECT_FALSE(first.has_ended());
}

TEST_F(ObserverAttach, LowerEpochIsRefusedWhileSomebodyIsAttached) {
  auto what = shell("sleep 100");
  auto& first = start(what);
  ASSERT_TRUE(first.started());
  auto& second = attach(what, 7);
  ASSERT_TRUE(second.started());
  auto& late = attach(what, 6);
  EXPECT_TRUE(late.replaced());
  second.handle->cancel();
  EXPECT_TRUE(second.ended());
}

TEST_F(ObserverAttach, UserThatComesBackWithinTheGraceFindsTheRunGoingOn) {
  auto what = counter();
  what.orphan_grace = 20s;
  auto& first = start(what);
  ASSERT_FALSE(first.read(0).records.empty());
  first.handle.reset();
  auto& second = attach(what, 2);
  ASSERT_TRUE(second.started());
  EXPECT_GT(second.started()->elapsed_s, 0);
  EXPECT_TRUE(second.write("end\n"));
  ASSERT_TRUE(second.ended());
  expect_all_lines(second.all(spool_stream::out));
}

TEST_F(ObserverAttach, NoLineIsMissingWhileUsersComeAndGoInAFlood) {
  auto what = counter();
  auto* user = &start(what);
  std::string text;
  std::uint64_t next = 0;
  for (std::uint64_t epoch = 2; epoch < 12; ++epoch) {
    const auto until = text.size() + 20'000;
    while (text.size() < until) {
      const auto page = user->read(next);
      next = page.next;
      for (const auto& record : page.records) {
        text += record.data;
      }
    }
    auto* newer = &attach(what, epoch);
    if (epoch % 2 == 0) {
      user->handle.reset();
    }
    user = newer;
  }
  EXPECT_TRUE(user->write("end\n"));
  for (auto page = user->read(next);; page = user->read(page.next)) {
    for (const auto& record : page.records) {
      text += record.data;
    }
    if (page.ended) {
      break;
    }
  }
  expect_all_lines(text);
}

TEST_F(ObserverAttach, InputThatIsSentTwiceIsWrittenOnce) {
  auto what = shell("while ! test -e go; do sleep 0.01; done; read go; wc -c");
  what.stdin_open = true;
  auto& first = start(what);
  ASSERT_TRUE(first.started());
  first.handle->write_input("go\n" + std::string(400'000, 'x'), "w1", [](result<std::size_t>) {});
  // All of it is kept until the script has taken it, and what the observer has already is told to it again.
  ASSERT_TRUE(eventually([&] { return first.handle->save_input()["writes"].size() == 1; }));
  EXPECT_EQ(first.handle->withdraw_writes(), std::vector<std::string>{"w1"});
  auto& second = attach(what, 2, first.handle->save_input());
  ASSERT_TRUE(second.started());
  std::ofstream{what.folder + "/work/go"} << "";
  EXPECT_EQ(second.write("go\n" + std::string(400'000, 'x'), "w1").value(), 400'003u);
  EXPECT_TRUE(second.close_input());
  ASSERT_TRUE(second.ended());
  EXPECT_EQ(second.all(spool_stream::out), "400000\n");
}

TEST_F(ObserverAttach, ResultOfARunThatEndedAloneIsRead) {
  auto what = shell("echo alone; exit 9");
  auto& first = start(what);
  ASSERT_TRUE(first.started());
  first.handle.reset();
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(result_file_of(what.folder)); }));
  auto& second = attach(what, 2);
  const auto end = second.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 9);
  EXPECT_EQ(second.all(spool_stream::out), "alone\n");
}

TEST_F(ObserverAttach, DeadObserverMakesTheRunLostOnceAndForAll) {
  auto what = shell("(setsid sleep 100 &); echo ready; sleep 100");
  auto& first = start(what);
  ASSERT_FALSE(first.read(0).records.empty());
  const auto observer = parent_of(first.started()->pid);
  first.handle.reset();
  ::kill(observer, SIGKILL);
  auto& second = attach(what, 2);
  const auto end = second.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::lost);
  EXPECT_TRUE(processes_of_run(what.id, 0).empty());
  EXPECT_EQ(attach(what, 3).ended()->outcome, run_outcome::lost);
  EXPECT_TRUE(start(what).rejected()) << "the folder has its result";
}

TEST_F(ObserverAttach, RunThatNeverWasIsLostAndCanNotBeginAnyMore) {
  auto what = shell("echo never");
  EXPECT_EQ(attach(what, 2).ended()->outcome, run_outcome::lost);
  EXPECT_TRUE(start(what).rejected());
}

TEST_F(ObserverAttach, LongFolderNamesAreNoHindrance) {
  auto what = shell("sleep 100");
  what.folder = std::filesystem::path{what.folder}.parent_path() / std::string(120, 'd') / std::string(80, 'e');
  std::filesystem::create_directories(std::filesystem::path{what.folder}.parent_path());
  auto& first = start(what);
  ASSERT_TRUE(first.started()) << first.rejected().value_or("");
  auto& second = attach(what, 2);
  ASSERT_TRUE(second.started());
  const auto mode = std::filesystem::status(attach_socket_of(what.folder)).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  second.handle->cancel();
  ASSERT_TRUE(second.ended());
  EXPECT_FALSE(std::filesystem::exists(attach_socket_of(what.folder)));
  EXPECT_FALSE(std::filesystem::exists(call_socket_of(what.folder)));
}

TEST_F(ObserverAttach, ScriptItselfCannotAttach) {
  auto what = python(R"(
import os, socket, struct
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["TROUPE_OBSERVER"].replace("/call", "/attach"))
try:
    s.sendall(struct.pack("<IB", 9, 6) + b"\xa1\x65epoch\x18\x63")
    print("answer", s.recv(1))
except OSError as problem:
    print("answer", b"")
)");
  auto& one = start(what);
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.all(spool_stream::out), "answer b''\n");
}

} // namespace
} // namespace troupe
