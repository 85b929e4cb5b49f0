// A page of an application in a real browser, opened by a user who is logged in.
#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/program_paths.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace system_test;

constexpr auto index_page = R"(<!doctype html><link rel="stylesheet" href="style.css"><title>page</title><p id="found"></p>
<script src="page.js"></script>)";

constexpr auto page_script = R"(
const refusalOf = async (attempt) => {
  try { return 'got ' + (await attempt()); } catch (error) { return 'refused: ' + error.message; }
};
const readable = (address, options) => async () => {
  const answer = await fetch(address, options);
  if (!answer.ok) throw new Error('status ' + answer.status);
  return answer.status + ' ' + answer.type + ' ' + (await answer.text());
};
const opened = (address, protocols) => () => new Promise((resolve, reject) => {
  const socket = new WebSocket(address, protocols);
  socket.onopen = () => resolve('open');
  socket.onerror = () => reject(new Error('not opened'));
});
const told = (text) => new Promise((resolve, reject) => {
  const socket = new WebSocket(new URL('talk', location.href).href.replace('http', 'ws'));
  socket.onopen = () => socket.send(text);
  socket.onmessage = (message) => resolve(message.data);
  socket.onerror = () => reject(new Error('not opened'));
});
(async () => {
  const base = location.protocol + '//' + location.host;
  const json = { 'Content-Type': 'application/json' };
  const make = { method: 'POST', credentials: 'include', body: '{"name": "Evil"}' };
  const attempts = {
    read_api: readable(base + '/api/v1/applications', { credentials: 'include' }),
    read_status: readable(base + '/api/v1/status', { credentials: 'include' }),
    simple_post: readable(base + '/api/v1/applications', make),
    json_post: readable(base + '/api/v1/applications', { ...make, headers: json }),
    console: readable(base + '/', { credentials: 'include' }),
    messages: readable(base + '/api/v1/messages', { ...make, body: '{"type": "ask", "command": "quit"}' }),
    other_path: readable('/app/' + location.pathname.split('/')[2].split('~')[0] + '/data.txt', { credentials: 'include' }),
    websocket: opened(base.replace('http', 'ws') + '/ws'),
    cookie: async () => document.cookie,
    storage: async () => localStorage.getItem('x'),
  };
  await fetch(base + '/api/v1/applications', { ...make, mode: 'no-cors' }).catch(() => {});
  const found = {
    origin: self.origin,
    style: getComputedStyle(document.body).color,
    own_file: await (await fetch('data.txt')).text(),
    own_handler: await (await fetch('echo', { method: 'POST', headers: json, body: JSON.stringify({ from: 'page' }) })).json(),
    own_socket: await told('hello'),
    attempts: {},
  };
  for (const [name, attempt] of Object.entries(attempts)) found.attempts[name] = await refusalOf(attempt);
  document.getElementById('found').textContent = JSON.stringify(found);
  document.title = 'done';
})().catch((error) => { document.getElementById('found').textContent = String(error.stack); });
)";

TEST(AT5Applications, APageCannotUseTheSessionOfWhoOpenedIt) {
  test_system system;
  const std::string root = "/api/v1/applications";
  const auto id = json::parse(system.http("POST", root, R"({"name": "Page"})").body, nullptr, false).value("id", "");
  const std::map<std::string, std::string> files{
    {"pages/index.html", index_page},
    {"pages/page.js", page_script},
    {"pages/style.css", "body { color: rgb(1, 2, 3) }"},
    {"pages/data.txt", "data of the page"},
    {"echo.py", "from ompy import web\nweb.serve(lambda r: {'method': r.method, 'body': r.text})\n"},
    {"talk.py", "from ompy.appmanager.communication import wait_for_socket_from_web\nwhile True:\n"
                "    with wait_for_socket_from_web() as soc:\n        for text in soc:\n"
                "            soc.sync_write_text_message('got ' + text)\n"}};
  for (const auto& [path, content] : files) {
    ASSERT_EQ(system.http("PUT", root + "/" + id + "/files/" + path, content).status, 201);
  }
  for (const char* script : {"echo.py", "talk.py"}) {
    ASSERT_EQ(system.http("PUT", root + "/" + id + "/executable/" + script).status, 200);
  }
  const json settings{{"static_folder", "pages"},
                      {"handlers", {{"echo", {{"script", "echo.py"}}}, {"talk", {{"script", "talk.py"}, {"mode", "long_lived"}}}}}};
  ASSERT_EQ(system.http("PATCH", root + "/" + id, settings.dump()).status, 200);
  program_options options;
  options.argv = {"node", programs().sources + "/tests/system/browser/console_walk.mjs", "application_page",
                  system.ready().at("login").get<std::string>(), id};
  options.environment = {{"HOME", system.folder().path()}};
  const auto got = run_program(std::move(options), 90s);
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.out << got.err;
  const auto is_helper = [](const process_entry& entry) { return entry.command.find("chrom") != std::string::npos; };
  EXPECT_TRUE(eventually(10s, [&] {
    reap_orphans("chrom");
    const auto left = processes_below_us();
    return std::none_of(left.begin(), left.end(), is_helper);
  }));
}

} // namespace
