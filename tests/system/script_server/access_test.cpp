#include "tests/system/script_server/script_server_system.hpp"

#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/raw_socket.hpp"

#include <algorithm>
#include <deque>
#include <fstream>

#include <unistd.h>

namespace system_test {
namespace {

class ScriptServerAccess : public ScriptServer {
protected:
  finished curl(std::vector<std::string> arguments, std::vector<std::string> before = {}) const {
    program_options options;
    options.argv = std::move(before);
    options.argv.insert(options.argv.end(), {"/usr/bin/env", "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}"});
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    return run_program(options, scaled(30s));
  }
  std::string at(const std::string& target) const { return "http://" + place().authority() + target; }
};

TEST_F(ScriptServerAccess, AnotherUserOfThisMachineNeedsTheToken) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can be somebody else";
  }
  const std::vector<std::string> as_nobody{"/usr/bin/setpriv", "--reuid=65534", "--clear-groups"};
  EXPECT_EQ(curl({at("/scripts")}).out, "200");
  EXPECT_EQ(curl({at("/scripts")}, as_nobody).out, "401");
  EXPECT_EQ(curl({"-X", "POST", "-d", R"({"name":"x.py","code":"1"})", at("/scripts")}, as_nobody).out, "401");
  EXPECT_EQ(curl({"-H", "Authorization: Bearer " + system_.token(), at("/scripts")}, as_nobody).out, "200");
  EXPECT_FALSE(std::filesystem::exists(folder() / "x.py"));
}

TEST_F(ScriptServerAccess, AClientThatLeavesAtOnceIsNobody) {
  store("note.py", "open('" + (system_.folder().path() / "ran").string() + "', 'w').write('x')");
  for (int i = 0; i < 20; ++i) {
    auto gone = raw_socket::tcp(place().port);
    gone.write("POST /run/note.py HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  }
  EXPECT_EQ(call("GET", "/scripts").status, 200);
}

TEST_F(ScriptServerAccess, APageOfAnotherOriginCanNeitherRunAScriptNorReadAResult) {
  const auto ran = system_.folder().path() / "ran";
  store("note.py", "open('" + ran.string() + "', 'w').write('x'); print('secret-result')");
  EXPECT_EQ(run("note.py")["exit_code"], 0) << "its result is in the cache";
  std::filesystem::remove(ran);
  const auto url = at("");
  // Everything that a page can do without asking first, and a request that it has to ask for.
  system_.folder().write("site/index.html", R"(<!doctype html><body><pre id="out">begun</pre>
<form id="f" method="post" enctype="text/plain" target="frame" action=")" + url + R"(/run/note.py"><input name='{"data":1,"args":["' value='"]}'></form>
<iframe name="frame"></iframe><img src=")" + url + R"(/scripts"><script src=")" + url + R"(/scripts"></script>
<script>
const out = [];
async function attempt(name, path, options) {
  try {
    const got = await fetch(')" + url + R"(' + path, options);
    out.push(name + ': ' + got.type + ' ' + got.status + ' ' + await got.text());
  } catch (problem) { out.push(name + ': refused'); }
}
(async () => {
  await attempt('list', '/scripts', {});
  await attempt('opaque', '/run/note.py', {method: 'POST', mode: 'no-cors', body: '{"data":2}'});
  await attempt('text', '/run/note.py', {method: 'POST', headers: {'Content-Type': 'text/plain'}, body: '{"data":3}'});
  await attempt('json', '/run/note.py', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"data":4}'});
  await attempt('put', '/scripts/note.py', {method: 'PUT', body: '{"code":"1"}'});
  document.getElementById('f').submit();
  await new Promise((done) => setTimeout(done, 500));
  document.getElementById('out').textContent = 'ended\n' + out.join('\n');
})();
</script>)");
  const auto port = free_port();
  program_options site;
  site.argv = {"/usr/bin/env", "python3", "-m", "http.server", std::to_string(port), "--bind", "127.0.0.1", "-d",
               (system_.folder().path() / "site").string()};
  program server(site);
  ASSERT_TRUE(eventually(scaled(20s), [&] { return raw_socket::tcp(port).is_open(); }));
  program_options browser;
  browser.argv = {"/usr/bin/env", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                  "--user-data-dir=" + (system_.folder().path() / "profile").string(), "--virtual-time-budget=20000",
                  "--dump-dom", "http://localhost:" + std::to_string(port) + "/index.html"};
  browser.environment = {{"HOME", system_.folder().path()}};
  const auto got = run_program(browser, scaled(90s));
  EXPECT_TRUE(eventually(scaled(10s), [] {
    reap_orphans("chrom");
    const auto left = processes_below_us();
    return std::ranges::none_of(left, [](const auto& each) { return each.command.find("chrom") != std::string::npos; });
  }));
  EXPECT_NE(got.out.find("ended\nlist: refused"), std::string::npos) << got.out << got.err;
  for (const char* name : {"text: refused", "json: refused", "put: refused"}) {
    EXPECT_NE(got.out.find(name), std::string::npos) << got.out;
  }
  EXPECT_EQ(got.out.find("secret-result"), std::string::npos) << got.out;
  EXPECT_FALSE(std::filesystem::exists(ran)) << "no page has run the script";
  EXPECT_NE(read_text(folder() / "note.py"), "1");
  server.signal(SIGTERM);
}

TEST_F(ScriptServerAccess, PathsNeverLeaveTheFolder) {
  system_.folder().write("state/outside.py", "print('outside')");
  std::filesystem::create_symlink(system_.state_dir() / "token", folder() / "link.py");
  const std::vector<std::string> tricks{
    "..", ".", "%2e%2e", "%2e", "..%2foutside.py", "%2e%2e%2foutside.py", "%2e%2e/outside.py", "../outside.py",
    "..%5coutside.py", "..\\outside.py", "%2fetc%2fpasswd", "/etc/passwd", "//outside.py", "%2f%2foutside.py", "....//outside.py",
    "..;/outside.py", "%252e%252e%252foutside.py", "%c0%ae%c0%ae%c0%afoutside.py", "%e0%80%ae.py", "%uff0e%uff0e.py",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8foutside.py", "a%00.py", "%00.py", "outside.py%00", "a%0a.py", "a%0d%0aX:%20y.py", "a%20.py",
    "link.py", "hello.PY", "hello.py.", "hello.py%20", "hello.py/", "hello.py/..", "./hello.py", ".hello.py",
    ".troupe", ".troupe%2fhello.py.json", ".troupe/hello.py.json", "con.py:stream", "%2fdev%2fzero", "dev/stdin.py", "-rf.py",
    "~root.py", "$(id).py", "`id`.py", "a|b.py", "%d0%b0.py", "a%e2%80%ae.py", std::string(300, 'a') + ".py",
    std::string(5000, 'a') + ".py", "hello%2epy%2f..%2f..%2foutside.py", "%", "%zz", "%2"};
  ASSERT_GE(tricks.size(), 40u);
  store("hello.py", "print(1)");
  const auto token = read_text(system_.state_dir() / "token");
  for (const auto& trick : tricks) {
    for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
           {"GET", "/scripts/" + trick}, {"PUT", "/scripts/" + trick}, {"DELETE", "/scripts/" + trick}, {"POST", "/run/" + trick}}) {
      const auto got = call(method, target, method == "PUT" ? "{\"code\":\"x\"}" : "");
      EXPECT_TRUE(got.status >= 400 && got.status < 500) << method << " " << target << ": " << got.status << got.body;
      EXPECT_EQ(got.body.find(token.substr(0, 20)), std::string::npos) << target;
    }
    const auto made = call("POST", "/scripts", json{{"name", trick}, {"code", "x"}}.dump());
    EXPECT_TRUE(made.status == 400 || made.status == 409) << trick << ": " << made.status << made.body;
    EXPECT_EQ(call("POST", "/run?names=" + trick, "{}").status / 100, trick == "link.py" ? 2 : 4) << trick;
  }
  EXPECT_EQ(read_text(system_.state_dir() / "outside.py"), "print('outside')");
  EXPECT_EQ(read_text(system_.state_dir() / "token"), token);
  EXPECT_EQ(json::parse(call("GET", "/scripts").body), (json{"hello.py"}));
  EXPECT_EQ(run("hello.py")["stdout"], "1\n");
}

} // namespace
} // namespace system_test
