#include "runtime/package_template/project_texts.hpp"

namespace troupe::project_texts {

const std::string_view cmake_lists = R"text(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES CXX)

find_package(Troupe @SDK@ REQUIRED CONFIG)

troupe_package(@NAME@
  VERSION 0.1.0
  DESCRIPTION "What it is for, in one line"
  SOURCES src/package.cpp src/greeter.cpp
  CLASSES Greeter)

# An actor is a plain class: its handlers can be called by a test without a running system.
enable_testing()
add_executable(greeter_test test/greeter_test.cpp src/greeter.cpp)
target_include_directories(greeter_test PRIVATE src)
target_link_libraries(greeter_test PRIVATE Troupe::sdk)
add_test(NAME greeter_test COMMAND greeter_test)
)text";

const std::string_view greeter_header = R"text(#pragma once

#include <troupe/actor.hpp>

#include <cstdint>
#include <string>

namespace @SPACE@ {

/// Greets whoever is named. Its parameters are its state: they are shown by `get_params`, set by `set_params`, and they
/// go along when the actor moves to another process.
class greeter : public troupe::actor {
public:
  static void describe(troupe::class_builder<greeter>& builder);

private:
  troupe::reply greet(const troupe::message& what);
  troupe::async<troupe::reply> greet_later(const troupe::message& what);

  std::string greeting_ = "Hello";
  std::int64_t greeted_ = 0;
};

} // namespace @SPACE@
)text";

const std::string_view greeter_source = R"text(#include "greeter.hpp"

namespace @SPACE@ {

void greeter::describe(troupe::class_builder<greeter>& builder) {
  builder.doc("Greets whoever is named.")
    .param("greeting", &greeter::greeting_, "The first word")
    .param("greeted", &greeter::greeted_, "How many were greeted")
    .on("greet", &greeter::greet, "{name} -> greeted {text}")
    .on("greet_later", &greeter::greet_later, "{name}: prints the greeting after a second -> done");
}

troupe::reply greeter::greet(const troupe::message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string()) {
    return troupe::reply::bad_request("name", "the name of somebody to greet");
  }
  ++greeted_;
  return {"greeted", {{"text", greeting_ + ", " + body["name"].get<std::string>() + "!"}}};
}

troupe::async<troupe::reply> greeter::greet_later(const troupe::message& what) {
  troupe::reply answer = greet(what);
  if (answer.command() != "greeted") {
    co_return answer;
  }
  co_await ctx().sleep(troupe::seconds{1});
  ctx().print(answer.body()["text"].get<std::string>());
  co_return troupe::reply::done();
}

} // namespace @SPACE@
)text";

const std::string_view package_source = R"text(#include "greeter.hpp"

#include <troupe/package.hpp>

TROUPE_PACKAGE(package) { package.add<@SPACE@::greeter>("Greeter"); }
)text";

const std::string_view greeter_test = R"text(#include "greeter.hpp"

#include <cstdio>

namespace {

int failures = 0;

void expect(bool holds, const char* promise) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", promise);
  failures += holds ? 0 : 1;
}

} // namespace

int main() {
  const auto table = troupe::describe_class<@SPACE@::greeter>("Greeter");
  const auto greeter = table.make();
  const auto ask = [&](troupe::json body) {
    const troupe::message question({.command = "greet", .body = std::move(body)});
    return std::get<troupe::reply>(table.commands.at("greet").handle(*greeter, question));
  };

  const auto answer = ask({{"name", "World"}});
  expect(answer.command() == "greeted", "a name is greeted");
  expect(answer.body()["text"] == "Hello, World!", "the greeting names it");
  expect(ask(nullptr).command() == "bad_request", "a body without a name is refused");
  expect(table.find_param("greeted")->get(*greeter) == 1, "only greetings are counted");
  return failures;
}
)text";

const std::string_view readme = R"text(# @NAME@

A Troupe package with one actor class, `Greeter`.

    cmake -S . -B build@CONFIGURE@
    cmake --build build
    ctest --test-dir build

The package is then in `build/packages/@NAME@-0.1.0`: a shared library and its `manifest.json`. Put it into one of the
package folders of your system:

    cmake --install build --prefix @PACKAGES@

and use it; a running system finds it at once:

    troupe ask first.main.admin create_actor '{"class_desc": {"requires_dist": "@NAME@", "class": "Greeter"}, "name": "greeter"}'
    troupe ask greeter greet '{"name": "World"}'
    troupe ask greeter set_params '{"params": [{"name": "greeting", "value": "Good morning"}]}'

What to know:
- A class registers its commands and parameters in `describe`; `src/package.cpp` and `CLASSES` in `CMakeLists.txt` name
  the classes of the package.
- A handler returns its answer, or is a coroutine (`troupe::async<troupe::reply>`) that may `co_await ctx().ask(...)` or
  `ctx().sleep(...)`. It never blocks its thread.
- A process keeps the code it has loaded. Raise `VERSION` for a new version: both then work side by side, and
  `"requires_dist": "@NAME@ >=0.2"` asks for the new one.
- If two versions cannot share a process (a port, a lock, a library with global state), add `ISOLATION process`.
)text";

const std::string_view gitignore = "build/\n";

} // namespace troupe::project_texts
