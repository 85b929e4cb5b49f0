#include "web/script_server/requirement_step.hpp"

#include "runtime/venv/package_list.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace troupe {
namespace {

std::string reason_of(const message& answer) {
  const auto& body = answer.body();
  std::string out = answer.command();
  if (body.is_object()) {
    if (const auto reason = body.find("reason"); reason != body.end() && reason->is_string()) {
      out = reason->get<std::string>();
    }
    if (const auto lines = body.find("lines");
        lines != body.end() && lines->is_array() && !lines->empty() && lines->back().is_string()) {
      out += "; the last line: " + lines->back().get<std::string>();
    }
  }
  return out;
}

/// One preparation; each step asks the builder and goes on with its answer.
class preparation : public std::enable_shared_from_this<preparation> {
public:
  preparation(script_world& world, std::string venv, std::vector<std::string> packages, std::function<void(result<>)> done)
    : world_(world), venv_(std::move(venv)), packages_(std::move(packages)), done_(std::move(done)) {}

  void look() {
    ask("list", json{{"name", venv_}}, 10, [this](const message& answer) {
      if (has_all(answer)) {
        done_({});
      } else {
        create();
      }
    });
  }

private:
  void create() {
    ask("create_venv", json{{"name", venv_}}, patience(), [this](const message& answer) {
      if (answer.is("venv_is_created")) {
        install();
      } else {
        fail_with(answer);
      }
    });
  }

  void install() {
    ask("install", json{{"name", venv_}, {"packages", packages_}}, patience(), [this](const message& answer) {
      if (answer.is("packages_are_installed")) {
        done_({});
      } else {
        fail_with(answer);
      }
    });
  }

  bool has_all(const message& answer) const {
    const auto& body = answer.body();
    if (!answer.is("packages") || !body.is_object() || !body.contains("packages") || !body["packages"].is_array()) {
      return false;
    }
    const auto& installed = body["packages"];
    return std::ranges::all_of(packages_, [&](const std::string& wish) {
      return std::ranges::any_of(installed, [&](const json& each) {
        return each.is_string() && wished_name(each.get_ref<const std::string&>()) == wished_name(wish);
      });
    });
  }

  void fail_with(const message& answer) {
    done_(fail(error_code::unavailable, "the requirements of the script cannot be had: " + reason_of(answer)));
  }

  double patience() const { return 2 * world_.rules.venv_timeout_s + 60; }

  void ask(const char* command, json body, double timeout_s, std::function<void(const message&)> then) {
    request what;
    what.recipient = world_.rules.venv_builder;
    what.command = command;
    what.body = std::move(body);
    what.timeout = seconds(timeout_s);
    ++world_.web.counters.asks;
    world_.web.actors.ask(std::move(what), [self = shared_from_this(), then = std::move(then)](message_ptr answer) { then(*answer); });
  }

  script_world& world_;
  const std::string venv_;
  const std::vector<std::string> packages_;
  const std::function<void(result<>)> done_;
};

} // namespace

void prepare_requirements(script_world& world, const std::string& venv, const std::vector<std::string>& packages,
                          std::function<void(result<>)> done) {
  std::make_shared<preparation>(world, venv, packages, std::move(done))->look();
}

} // namespace troupe
