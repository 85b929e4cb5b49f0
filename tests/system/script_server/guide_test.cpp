#include "tests/system/script_server/script_server_system.hpp"

namespace system_test {
namespace {

/// The lines of the server's description, pasted into a shell as they stand; only the port is the test's own.
class ScriptServerGuide : public ScriptServer {
protected:
  ScriptServerGuide() : ScriptServer(settings()) {}

  static json settings() {
    const auto python = modern_python();
    return {{"python", python.empty() ? "python3" : python}, {"script_server", {{"timeout_s", 1.5}}}};
  }

  struct pasted {
    int status = 0;
    std::string body;
    json value;
  };
  pasted paste(const std::string& lines) const {
    program_options options;
    options.argv = {"/bin/bash", "-c",
                    "curl() { command curl -sS -w '\\n%{http_code}' \"${@//localhost:3000/" + place().authority() + "}\"; }\n" + lines};
    options.environment = {{"http_proxy", ""}, {"no_proxy", "*"}};
    const auto got = run_program(options, scaled(60s));
    EXPECT_EQ(got.state, (exit_state{false, 0})) << got.err;
    const auto end = got.out.rfind('\n', got.out.size() - 1 - (got.out.ends_with('\n') ? 1 : 0));
    pasted out;
    out.body = got.out.substr(0, end);
    out.status = std::atoi(got.out.substr(end + 1).c_str());
    out.value = json::parse(out.body, nullptr, false);
    return out;
  }

  /// `hello.py` as it stands needs Python 3.12; with an older one a script of the same meaning.
  void make_hello() const {
    if (modern_python().empty()) {
      store("hello.py", "import sys, json; data = json.load(sys.stdin); print(json.dumps({'greeting': 'Hello, ' + data['name']}))");
      return;
    }
    const auto made = paste(R"sh(curl -X POST http://localhost:3000/scripts \
  -H "Content-Type: application/json" \
  -d '{
    "name": "hello.py",
    "code": "import sys, json; data = json.load(sys.stdin); print(json.dumps({\"greeting\": f\"Hello, {data[\"name\"]}\"}))"
  }')sh");
    EXPECT_EQ(made.status, 201) << made.body;
  }

  static json result(const json& printed) {
    return {{"stdout", printed.dump()}, {"stderr", ""}, {"exit_code", 0}, {"timed_out", false}};
  }
  /// Outputs are compared as JSON: how Python spaces it, and the line's end, are not what is promised.
  static json compared(json one) {
    if (one.is_object() && one.contains("stdout") && one["stdout"].is_string()) {
      EXPECT_TRUE(one["stdout"].get_ref<const std::string&>().ends_with('\n')) << "as it was written";
      one["stdout"] = json::parse(one["stdout"].get<std::string>(), nullptr, false).dump();
    }
    return one;
  }
};

TEST_F(ScriptServerGuide, ScriptsAreListedCreatedUpdatedAndDeleted) {
  auto got = paste("curl http://localhost:3000/scripts");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.value, json::array());
  make_hello();
  EXPECT_EQ(paste("curl http://localhost:3000/scripts").value, (json{"hello.py"}));
  got = paste(R"sh(curl -X PUT http://localhost:3000/scripts/hello.py \
  -H "Content-Type: application/json" \
  -d '{"code": "print(\"new version\")"}')sh");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(read_text(folder() / "hello.py"), "print(\"new version\")");
  got = paste("curl -X DELETE http://localhost:3000/scripts/hello.py");
  EXPECT_EQ(got.status, 204);
  EXPECT_EQ(got.body, "");
  EXPECT_EQ(paste("curl http://localhost:3000/scripts").value, json::array());
}

TEST_F(ScriptServerGuide, OneScriptIsRun) {
  make_hello();
  const auto got = paste(R"sh(curl -X POST http://localhost:3000/run/hello.py \
  -H "Content-Type: application/json" \
  -d '{"data": {"name": "Alice"}, "args": ["--verbose"]}')sh");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(compared(got.value), result({{"greeting", "Hello, Alice"}}));
}

TEST_F(ScriptServerGuide, AllScriptsAndSomeAreRun) {
  store("hello.py", "import sys, json; json.load(sys.stdin); print(json.dumps({'greeting': 'Hello, Alice'}))");
  store("another.py", "import sys, json; d = json.load(sys.stdin); print(json.dumps({'result': 2 * d.get('x', 0)}))");
  auto got = paste(R"sh(curl -X POST http://localhost:3000/run \
  -H "Content-Type: application/json" \
  -d '{"data": {"x": 42}}')sh");
  EXPECT_EQ(got.status, 200);
  ASSERT_TRUE(got.value.is_object() && got.value.contains("results")) << got.body;
  EXPECT_EQ(got.value.size(), 1u);
  EXPECT_EQ(got.value["results"].size(), 2u);
  EXPECT_EQ(compared(got.value["results"]["hello.py"]), result({{"greeting", "Hello, Alice"}}));
  EXPECT_EQ(compared(got.value["results"]["another.py"]), result({{"result", 84}}));
  store("third.py", "1/0");
  got = paste(R"sh(curl -X POST "http://localhost:3000/run?names=hello.py,another.py" \
  -H "Content-Type: application/json" \
  -d '{"data": {"value": 100}}')sh");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.value["results"].size(), 2u);
  EXPECT_EQ(compared(got.value["results"]["another.py"]), result({{"result", 0}}));
}

TEST_F(ScriptServerGuide, TheExamplesWithDataAndArguments) {
  auto got = paste(R"sh(curl -X POST http://localhost:3000/scripts \
  -H "Content-Type: application/json" \
  -d '{
    "name": "math.py",
    "code": "import sys, json; data = json.load(sys.stdin); result = data[\"x\"] ** 2; print(json.dumps({\"square\": result}))"
  }')sh");
  EXPECT_EQ(got.status, 201);
  EXPECT_EQ(paste("curl http://localhost:3000/scripts").value, (json{"math.py"}));
  got = paste(R"sh(curl -X POST http://localhost:3000/run/math.py \
  -H "Content-Type: application/json" \
  -d '{"data": {"x": 7}}')sh");
  EXPECT_EQ(compared(got.value), result({{"square", 49}}));
  got = paste(R"sh(curl -X POST http://localhost:3000/scripts \
  -H "Content-Type: application/json" \
  -d '{
    "name": "args_demo.py",
    "code": "import sys, json; print(json.dumps({\"args\": sys.argv[1:], \"data\": json.load(sys.stdin)}))"
  }')sh");
  EXPECT_EQ(got.status, 201);
  got = paste(R"sh(curl -X POST http://localhost:3000/run/args_demo.py \
  -H "Content-Type: application/json" \
  -d '{"data": {"foo": "bar"}, "args": ["--debug", "42"]}')sh");
  EXPECT_EQ(compared(got.value), result({{"args", {"--debug", "42"}}, {"data", {{"foo", "bar"}}}}));
}

TEST_F(ScriptServerGuide, AScriptOfTheNameOfAModuleDisturbsNoOther) {
  for (const char* name : {"math.py", "json.py", "random.py", "ompy.py"}) {
    store(name, "raise SystemExit('imported')");
  }
  store("user.py", "import json, math, random, sys; print(json.dumps(math.sqrt(16))); import ompy; print(sys.path[0])");
  const auto got = run("user.py");
  EXPECT_EQ(got["exit_code"], 0) << got;
  EXPECT_TRUE(got["stdout"].get_ref<const std::string&>().starts_with("4.0\n")) << got;
}

TEST_F(ScriptServerGuide, ErrorsAndTheTimeLimit) {
  auto got = paste(R"sh(curl -X POST http://localhost:3000/scripts \
  -H "Content-Type: application/json" \
  -d '{
    "name": "infinite.py",
    "code": "while True: pass"
  }')sh");
  EXPECT_EQ(got.status, 201);
  got = paste(R"sh(curl -X POST http://localhost:3000/run/infinite.py -d '{"data":{}}')sh");
  EXPECT_EQ(got.status, 504);
  EXPECT_EQ(got.value.value("error", ""), "Script execution timed out");
  EXPECT_EQ(got.value.value("detail", ""), "Script execution timed out");
  store("broken.py", "raise ValueError('no')");
  got = paste("curl -X POST http://localhost:3000/run/broken.py");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.value["exit_code"], 1);
  EXPECT_EQ(got.value["timed_out"], false);
  EXPECT_NE(got.value["stderr"].get<std::string>().find("ValueError: no"), std::string::npos);
  EXPECT_EQ(paste("curl -X POST http://localhost:3000/run/absent.py -d '{}'").status, 404);
  EXPECT_EQ(paste("curl -X PUT http://localhost:3000/scripts/absent.py -d '{\"code\": \"\"}'").status, 404);
  EXPECT_EQ(paste("curl -X DELETE http://localhost:3000/scripts/absent.py").status, 404);
  EXPECT_EQ(paste("curl -X POST http://localhost:3000/scripts -d '{\"name\": \"broken.py\", \"code\": \"\"}'").status, 409);
}

TEST_F(ScriptServerGuide, TheTemplateReadsAllOfItsInput) {
  store("template.py", R"sh(import sys
import json

def main():
    raw_data = sys.stdin.read()
    if not raw_data:
        result = {"error": "No input provided"}
    else:
        try:
            data = json.loads(raw_data)
            result = {"received": data, "status": "ok"}
        except Exception as e:
            result = {"error": str(e)}
    print(json.dumps(result))

if __name__ == "__main__":
    main()
)sh");
  EXPECT_EQ(compared(run("template.py", {{"data", {1, 2}}})), result({{"received", {1, 2}}, {"status", "ok"}}));
  EXPECT_EQ(compared(run("template.py")), result({{"error", "No input provided"}})) << "no data is no input";
  const auto without_body = call("POST", "/run/template.py");
  EXPECT_EQ(without_body.status, 200) << without_body.body;
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "nonsense", ""}) {
    EXPECT_EQ(call("POST", "/run/template.py", "{\"data\":1}", {{"Content-Type", type}}).status, 200) << type;
  }
}

} // namespace
} // namespace system_test
