#include "run_fixture.hpp"

namespace troupe {
namespace {

/// Scripts that use the channel to their task.
class ObserverChannel : public run_fixture {
protected:
  run_plan script(const std::string& text) {
    return python(R"(
import json, os, socket, sys
def open_channel():
    s = socket.socket(socket.AF_UNIX)
    path = os.environ["TROUPE_OBSERVER"]
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)
    s.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
    os.close(folder)
    return s, s.makefile("rb")
s, answers = open_channel()
def tell(what): s.sendall((json.dumps(what) + "\n").encode())
def hear(): return json.loads(answers.readline())
)" + text);
  }
};

json ok(json body) {
  return {{"ok", true}, {"body", std::move(body)}};
}

TEST_F(ObserverChannel, CallIsRelayedAndItsAnswerComesBack) {
  auto& one = start(script("tell({'id': 5, 'call': 'ask', 'body': {'to': 'x'}})\nprint(hear())"));
  const auto call = one.call(0);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->name, "ask");
  EXPECT_EQ(call->body, (json{{"to", "x"}}));
  one.handle->answer_call(call->id, ok("well"));
  one.handle->answer_call(call->id, ok("twice"));
  one.handle->answer_call(99, ok("nobody"));
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.all(spool_stream::out), "{'body': 'well', 'id': 5, 'ok': True}\n");
}

TEST_F(ObserverChannel, OpenCallIsToldAgainToTheNextUserWithItsId) {
  auto what = script("tell({'id': 1, 'call': 'progress', 'body': 1})\ntell({'id': 2, 'call': 'ask'})\n"
                     "print(hear()['id'], hear()['body'])");
  auto& first = start(what);
  ASSERT_TRUE(first.call(1));
  first.handle->answer_call(first.call(0)->id, ok(nullptr));
  first.handle.reset();
  auto& second = attach(what, 2);
  const auto again = second.call(0);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, first.call(1)->id);
  EXPECT_EQ(again->name, "ask");
  second.handle->answer_call(again->id, ok("late"));
  ASSERT_TRUE(second.ended());
  EXPECT_EQ(second.all(spool_stream::out), "1 late\n");
  EXPECT_EQ(second.calls(), 1u);
}

TEST_F(ObserverChannel, PushedValuesAreReadInTheirOrder) {
  auto& one = start(script(R"(
print("ready")
for n in range(3):
    tell({'id': n, 'call': 'read_json', 'body': {'timeout': 30}})
    print(hear()['body'])
tell({'id': 9, 'call': 'read_json', 'body': {'timeout': 0.05}})
print(hear()['error']['name'])
)"));
  ASSERT_FALSE(one.read(0).records.empty());
  EXPECT_TRUE(one.push({{"n", 1}}));
  EXPECT_TRUE(one.push("two"));
  EXPECT_TRUE(one.push(nullptr));
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.all(spool_stream::out), "ready\n{'n': 1}\ntwo\nNone\ntimer\n");
  EXPECT_FALSE(one.push(1)) << "it has ended";
}

TEST_F(ObserverChannel, ValuesThatNobodyReadsAreBounded) {
  auto& one = start(shell("sleep 100"));
  ASSERT_TRUE(one.started());
  result<> how;
  int kept = 0;
  while (kept < 2000 && (how = one.push(kept))) {
    ++kept;
  }
  EXPECT_EQ(kept, 1024);
  EXPECT_EQ(how.error().code, error_code::mailbox_full);
}

TEST_F(ObserverChannel, NonsenseIsAnsweredAndTheConnectionGoesOn) {
  auto& one = start(script(R"(
s.sendall(b"no json\n\n[]\n" + b"[" * 5000 + b"\n" + b'{"id": 7}\n\xff\n')
for _ in range(5): print(hear()['error']['name'])
tell({'id': 1, 'call': 'x'})
print(hear()['ok'])
s.sendall(b"x" * (17 << 20) + b"\n")
print(hear()['error']['name'], answers.readline())
)"));
  const auto call = one.call(0);
  ASSERT_TRUE(call);
  one.handle->answer_call(call->id, ok(1));
  ASSERT_TRUE(one.ended());
  std::string expected;
  for (int i = 0; i < 5; ++i) {
    expected += "bad_request\n";
  }
  EXPECT_EQ(one.all(spool_stream::out).substr(0, expected.size() + 5), expected + "True\n");
}

TEST_F(ObserverChannel, CallOfAConnectionThatIsClosedIsForgotten) {
  auto& one = start(script("tell({'id': 1, 'call': 'ask'})\nsys.stdin.readline()\ns.close()\nanswers.close()\n"
                           "s, answers = open_channel()\ntell({'id': 1, 'call': 'b'})\nprint(hear()['body'])"));
  ASSERT_TRUE(one.call(0)) << one.all(spool_stream::err);
  ASSERT_TRUE(one.call(1));
  EXPECT_EQ(one.gone(), std::vector<std::uint64_t>{one.call(0)->id});
  one.handle->answer_call(one.call(0)->id, ok("late"));
  one.handle->answer_call(one.call(1)->id, ok("right"));
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.all(spool_stream::out), "right\n");
}

TEST_F(ObserverChannel, ConnectionsAndOpenCallsAreBounded) {
  auto& one = start(script(R"(
others = [open_channel() for _ in range(63)]
t, late = open_channel()
print(json.loads(late.readline())['error']['name'], late.readline())
for n in range(1030): tell({'id': n, 'call': 'ask'})
print(sorted({hear()['error']['name'] for _ in range(6)}))
)"));
  ASSERT_TRUE(one.ended());
  EXPECT_EQ(one.all(spool_stream::out), "mailbox_full b''\n['mailbox_full']\n");
  EXPECT_EQ(one.calls(), 1024u);
}

TEST_F(ObserverChannel, StrangersAreNotHeard) {
  auto what = shell("echo ready; sleep 100");
  auto& one = start(what);
  ASSERT_FALSE(one.read(0).records.empty());
  auto& stranger = start(python("import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('" +
                                     call_socket_of(what.folder) +
                                     "')\ntry:\n    s.sendall(b'{\"id\": 1, \"call\": \"x\"}\\n'); print(s.recv(9))\n"
                                     "except OSError: print(b'')\n"));
  ASSERT_TRUE(stranger.ended());
  EXPECT_EQ(stranger.all(spool_stream::out), "b''\n");
  EXPECT_EQ(one.calls(), 0u);
}

} // namespace
} // namespace troupe
