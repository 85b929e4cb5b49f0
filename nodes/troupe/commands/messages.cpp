#include "nodes/troupe/answer_words.hpp"
#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/typed_value.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

namespace troupe::cli {

namespace {

attempt<json> read_body(const message_options& options) {
  if (options.body_file.empty()) {
    return typed_value(options.body);
  }
  std::string text;
  if (options.body_file == "-") {
    text.assign(std::istreambuf_iterator<char>{std::cin}, {});
  } else {
    std::ifstream in(options.body_file, std::ios::binary);
    if (!in) {
      return give_up(exit_usage,
                     "the body cannot be read from " + options.body_file + ": no such file, or not readable");
    }
    text.assign(std::istreambuf_iterator<char>{in}, {});
  }
  return typed_value(text);
}

std::string answer_text(const json& answer) {
  std::string text = shown(answer["command"]) + "\n";
  const auto body = answer.find("body");
  if (body != answer.end() && !body->is_null()) {
    text += (body->is_string() ? shown(*body) : body->dump(2, ' ', false, json::error_handler_t::replace)) + "\n";
  }
  return text;
}

} // namespace

attempt<int> execute(const message_options& options, command_context& context) {
  const auto recipient = typed_value(options.recipient);
  const auto body = read_body(options);
  if (!recipient || !body) {
    return std::unexpected(recipient ? body.error() : recipient.error());
  }
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  if (!options.wants_answer) {
    const auto sent = system->send(*recipient, options.command, *body);
    if (!sent) {
      return std::unexpected(sent.error());
    }
    context.is_json() ? context.print_json(json{{"accepted", true}}) : context.print("The message is sent\n");
    return exit_ok;
  }
  const auto answer = system->ask(*recipient, options.command, *body, options.timeout_s);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  context.is_json() ? context.print_json(*answer) : context.print(answer_text(*answer));
  const auto& word = (*answer)["command"].get_ref<const std::string&>();
  if (!is_failure_answer(word)) {
    return exit_ok;
  }
  if (const auto hint = failure_hint(word); !hint.empty()) {
    context.complain(hint);
  }
  return exit_failure;
}

} // namespace troupe::cli
