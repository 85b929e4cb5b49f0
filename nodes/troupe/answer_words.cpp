#include "nodes/troupe/answer_words.hpp"

#include "nodes/troupe/typed_value.hpp"

#include <algorithm>
#include <array>

namespace troupe::cli {

namespace {

struct word_hint {
  std::string_view word;
  std::string_view hint;
};

constexpr std::array hints{
  word_hint{"timer", "no answer in time; a longer one is asked for with --timeout"},
  word_hint{"is_not_handled", "the actor does not know this command"},
  word_hint{"bad_request", "the body has the wrong shape; see `field` and `expected`"},
  word_hint{"actor_is_not_found", "nobody has this name; `troupe actors` and `troupe processes` list who is there"},
  word_hint{"actor_is_absent", "nobody has this name on that node; `troupe actors` lists who is where"},
  word_hint{"actor_has_failed", "the actor, or the process it lived in, failed; see `troupe logs`"},
  word_hint{"mailbox_full", "the receiver has too much to do; try again later"},
  word_hint{"access_denied", ""},
  word_hint{"undecided", "the outcome of the move is not known yet; ask again"},
  word_hint{"system_is_not_registered", "no link to that system"},
};

} // namespace

bool is_failure_answer(std::string_view command) {
  const bool is_listed = std::ranges::any_of(hints, [&](const word_hint& known) { return known.word == command; });
  const auto has = [&](std::string_view part) { return command.find(part) != std::string_view::npos; };
  return is_listed || command.starts_with("is_not_") || command.starts_with("not_") || has("_is_not_") ||
         has("_are_not_") || has("_is_rejected") || has("_has_failed") || command.starts_with("error");
}

std::string_view failure_hint(std::string_view command) {
  const auto found = std::ranges::find(hints, command, &word_hint::word);
  return found == hints.end() ? std::string_view{} : found->hint;
}

std::string failure_text(const json& message) {
  const auto& word = message["command"].get_ref<const std::string&>();
  const auto body = message.value("body", json{});
  const auto hint = word == "bad_request" ? std::string_view{} : failure_hint(word); // its body says more
  const auto reason = body.is_object() && body.contains("reason") ? shown(body["reason"])
                      : body.is_null() || !hint.empty()           ? std::string{hint}
                                                                  : shown(body);
  return printable(word) + (reason.empty() ? "" : ": " + reason);
}

} // namespace troupe::cli
