#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/machine_look.hpp"
#include "nodes/troupe/table.hpp"

#include <algorithm>

namespace troupe::cli {

namespace {

std::string_view word(health how) {
  switch (how) {
  case health::good:
    return "ok";
  case health::warning:
    return "warning";
  case health::bad:
    break;
  }
  return "bad";
}

} // namespace

attempt<int> execute(const doctor_options& options, command_context& context) {
  const auto findings = judge_health(look_at_machine(options.config, context));
  const bool is_bad = std::ranges::any_of(findings, [](const finding& one) { return one.how == health::bad; });
  json document = json::array();
  table rows({"", "CHECK", "FOUND"});
  std::string advice;
  for (const auto& one : findings) {
    document.push_back(
      {{"check", one.what}, {"result", word(one.how)}, {"detail", one.detail}, {"advice", one.advice}});
    rows.add({std::string{word(one.how)}, one.what, one.detail});
    if (!one.advice.empty()) {
      advice += one.what + ": " + one.advice + "\n";
    }
  }
  if (context.is_json()) {
    context.print_json(json{{"ok", !is_bad}, {"findings", document}});
  } else {
    context.print(rows.text(context.colour()) + (advice.empty() ? "" : "\nWhat to do\n" + advice));
  }
  return is_bad ? exit_failure : exit_ok;
}

} // namespace troupe::cli
