#include "runtime/log/log.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace troupe {

namespace {

constexpr std::array<std::string_view, 4> secret_words{"password", "token", "passwd", "secret"};

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

bool starts_with_word(std::string_view text, std::size_t at, std::string_view word) {
  return text.size() - at >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, char b) { return a == lower(b); });
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) {
    ++at;
  }
  return at;
}

std::size_t skip_quote(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '\\') {
    ++at;
  }
  return at < text.size() && (text[at] == '"' || text[at] == '\'') ? at + 1 : at;
}

/// The end of the value that starts at `at`. `quote` opened it (0: none); `escaped` says that it was written as `\"`,
/// as in JSON inside a JSON string, and closes the same way.
std::size_t value_end(std::string_view text, std::size_t at, char quote, bool escaped) {
  constexpr std::string_view ends = " ,}]&;\n";
  for (; at < text.size(); ++at) {
    if (quote == 0) {
      if (ends.find(text[at]) != std::string_view::npos) {
        break;
      }
    } else if (text[at] == quote) {
      break;
    } else if (text[at] == '\\' && at + 1 < text.size()) {
      if (escaped && text[at + 1] == quote) {
        break;
      }
      ++at;
    }
  }
  return std::min(at, text.size());
}

/// If a secret's key ends at `at`: where its value begins, else npos.
std::size_t value_begin(std::string_view text, std::size_t at) {
  const auto after_quote = skip_quote(text, at);
  const auto separator = skip_blanks(text, after_quote);
  if (separator >= text.size() || (text[separator] != '=' && text[separator] != ':')) {
    return std::string_view::npos;
  }
  return skip_blanks(text, separator + 1);
}

} // namespace

std::string mask_secrets(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  const auto mask = [&](std::size_t begin, std::size_t end) {
    out.append(text.substr(copied, begin - copied)).append("***");
    copied = end;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::size_t begin = std::string_view::npos;
    if (starts_with_word(text, at, "bearer ")) {
      begin = skip_blanks(text, at + 7);
    } else {
      for (const auto word : secret_words) {
        if (starts_with_word(text, at, word) && (at + word.size() == text.size() || !is_word(text[at + word.size()]))) {
          begin = value_begin(text, at + word.size());
          break;
        }
      }
    }
    if (begin == std::string_view::npos || begin >= text.size()) {
      continue;
    }
    const auto opened = skip_quote(text, begin);
    const bool quoted = opened != begin && text[opened - 1] != '\\';
    const auto end = value_end(text, opened, quoted ? text[opened - 1] : '\0', quoted && opened - begin == 2);
    if (starts_with_word(text, begin, "bearer ")) {
      at = begin - 1;
      continue;
    }
    mask(opened, end);
    at = end == 0 ? 0 : end - 1;
  }
  out.append(text.substr(copied));
  return out;
}

} // namespace troupe
