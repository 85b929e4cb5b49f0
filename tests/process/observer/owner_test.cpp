#include "run_fixture.hpp"

#include <pwd.h>
#include <sys/stat.h>

namespace troupe {
namespace {

/// Runs whose processes are another user's.
class ObserverOwner : public run_fixture {
protected:
  void SetUp() override {
    const auto* user = ::getpwnam("nobody");
    if (::geteuid() != 0 || user == nullptr) {
      GTEST_SKIP() << "only root can give a run to another user, here to nobody";
    }
    owner_ = {user->pw_uid, user->pw_gid, "nobody"};
    ::chmod(folder_.c_str(), 0711);
  }
  run_plan of_nobody(run_plan what) {
    what.user = owner_;
    return what;
  }
  run_plan::owner owner_;
};

TEST_F(ObserverOwner, ScriptAndChildrenAreTheUsersWithoutGroupsOrWaysBack) {
  auto& one = start(of_nobody(python(R"(
import os, subprocess
status = dict(line.split(':', 1) for line in open('/proc/self/status').read().splitlines())
print(os.getresuid(), os.getresgid(), os.getgroups(), status['NoNewPrivs'].strip(), status['CapEff'].strip(), flush=True)
subprocess.run(['id', '-u'])
open('mine', 'w').write('x')
print(os.getcwd() == os.path.realpath('.'), os.stat('mine').st_uid)
for path in ('../result.json', '../spool', '../new'):
    try: open(path, 'a'); print('may write', path)
    except PermissionError: pass
)")));
  const auto end = one.ended();
  ASSERT_TRUE(end);
  const auto uid = std::to_string(owner_.uid);
  const auto gid = std::to_string(owner_.gid);
  EXPECT_EQ(one.all(spool_stream::out), "(" + uid + ", " + uid + ", " + uid + ") (" + gid + ", " + gid + ", " + gid +
                                          ") [] 1 0000000000000000\n" + uid + "\nTrue " + uid + "\n")
    << one.all(spool_stream::err);
}

TEST_F(ObserverOwner, ItReachesItsTask) {
  auto& one = start(of_nobody(python(R"(
import json, os, socket
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["TROUPE_OBSERVER"])
s.sendall(b'{"id": 1, "call": "ask", "body": 7}\n')
print(s.makefile().readline())
)")));
  const auto call = one.call(0);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->body, 7);
  one.handle->answer_call(call->id, {{"ok", true}, {"body", nullptr}});
  EXPECT_TRUE(one.ended());
}

TEST_F(ObserverOwner, WhatIgnoresSignalsIsStillKilled) {
  auto what = of_nobody(python(R"(
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
print('ready')
time.sleep(1000)
)"));
  what.stop_grace = 50ms;
  auto& one = start(what);
  ASSERT_TRUE(one.started());
  ASSERT_FALSE(one.read(0).records.empty());
  one.handle->cancel();
  const auto end = one.ended();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->outcome, run_outcome::cancelled);
}

TEST_F(ObserverOwner, AScriptThatTheUserCannotReadIsRefusedWithTheReason) {
  const auto path = folder_ + "/secret.py";
  std::ofstream{path} << "print(1)\n";
  ::chmod(path.c_str(), 0600);
  auto what = of_nobody(plan({"/usr/bin/python3", path}));
  what.script = path;
  const auto why = start(what).rejected();
  ASSERT_TRUE(why);
  EXPECT_EQ(*why, "cannot read the script " + path + ": Permission denied for the user nobody");
}

/// What a memory end says of the libraries that were loaded.
class ObserverLibraries : public run_fixture, public testing::WithParamInterface<const char*> {
protected:
  run_plan hog(const std::string& before) {
    const auto path = folder_ + "/hog.py";
    std::ofstream{path} << before << "\nhog = []\nwhile True: hog.append(bytearray(1 << 20))\n";
    auto what = plan({"/usr/bin/python3", path});
    what.script = path;
    what.memory_limit = std::uint64_t{100} << 20;
    what.guard = GetParam();
    return what;
  }
  std::string reason_of(const run_plan& what) {
    const auto end = start(what).ended();
    return end ? end->reason : "";
  }
};

TEST_P(ObserverLibraries, TheOneThatAScriptImportsIsNamed) {
  const auto reason = reason_of(hog("try:\n    import os, numpy.linalg as la\nexcept ImportError:\n    pass"));
  EXPECT_NE(reason.find("memory limit 100 MB, peak "), std::string::npos) << reason;
  EXPECT_NE(reason.find("numpy alone maps more than 60 MB, try memoryLimit 250"), std::string::npos) << reason;
}

TEST_P(ObserverLibraries, TheOneThatIsMappedIsNamedIfItsProcessIsSeenInTime) {
  if (GetParam() != std::string{"polling"}) {
    GTEST_SKIP() << "the kernel may kill before anybody can look";
  }
  std::filesystem::create_directories(folder_ + "/pandas/_libs");
  std::filesystem::copy_file("/bin/true", folder_ + "/pandas/_libs/lib.so");
  const auto reason = reason_of(hog("import mmap\nf = open('" + folder_ + "/pandas/_libs/lib.so', 'rb')\n"
                                    "m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)"));
  EXPECT_NE(reason.find("pandas alone maps more than 120 MB, try memoryLimit "), std::string::npos) << reason;
}

TEST_P(ObserverLibraries, NoneIsBlamedThatIsNotThere) {
  const auto reason = reason_of(hog("# import numpy\nimportnumpy = 'from pandas import x'"));
  EXPECT_EQ(reason.find("alone maps"), std::string::npos) << reason;
  EXPECT_NE(reason.find("; try memoryLimit "), std::string::npos) << reason;
}

INSTANTIATE_TEST_SUITE_P(Means, ObserverLibraries, testing::Values("", "polling"),
                         [](const auto& means) { return *means.param == 0 ? "best" : std::string{means.param}; });

} // namespace
} // namespace troupe
