#include "warm_child.hpp"

#include "process_limits.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/wait.h>

namespace troupe {
namespace {

constexpr int patience_ms = 5'000;

void add(std::string& word, const std::string& field) {
  word += field;
  word += '\0';
}

void add(std::string& word, const std::vector<std::string>& fields) {
  add(word, std::to_string(fields.size()));
  for (const auto& field : fields) {
    add(word, field);
  }
}

/// The files behind the doors: the child opens them itself, since they were not there when it was born.
std::vector<std::string> names_of(const std::vector<int>& doors) {
  std::vector<std::string> out;
  for (const int door : doors) {
    std::error_code problem;
    out.push_back(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(door), problem).string());
  }
  return out;
}

std::string word_for(const run_plan& plan, const std::string& work_folder, const script_place& where) {
  std::string fields;
  add(fields, plan.cwd.empty() ? work_folder : plan.cwd);
  add(fields, plan.stdin_open ? "1" : "0");
  add(fields, names_of(where.doors));
  add(fields, plan.argv);
  add(fields, environment_of(plan));
  std::string word(4, '\0');
  for (std::size_t i = 0; i < word.size(); ++i) {
    word[i] = static_cast<char>(static_cast<std::uint32_t>(fields.size()) >> (8 * i));
  }
  return word + fields;
}

bool is_ready(int file, short event) {
  pollfd one{file, event, 0};
  int got = 0;
  do {
    got = ::poll(&one, 1, patience_ms);
  } while (got < 0 && errno == EINTR);
  return got > 0;
}

bool tell(int file, const std::string& word) {
  for (std::size_t done = 0; done < word.size();) {
    const auto now = ::write(file, word.data() + done, word.size() - done);
    if (now > 0) {
      done += static_cast<std::size_t>(now);
    } else if (errno == EAGAIN ? !is_ready(file, POLLOUT) : errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::string hear(int file) {
  char text[512];
  const auto got = is_ready(file, POLLIN) ? ::read(file, text, sizeof text) : 0;
  return got > 0 ? std::string{text, static_cast<std::size_t>(got)} : std::string{"it gave no answer"};
}

} // namespace

std::optional<script_process> become_script(warm_child& child, const run_plan& plan, const std::string& work_folder,
                                            const script_place& where, std::string& why_not) {
  limit_process(child.pid, plan, where.has_memory_net);
  why_not = tell(child.word.get(), word_for(plan, work_folder, where)) ? hear(child.answer.get()) : "it has ended";
  child.word.reset();
  child.answer.reset();
  if (why_not != "+") {
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    child.ends = {};
    return std::nullopt;
  }
  why_not.clear();
  if (!plan.stdin_open) {
    child.ends.in.reset();
  }
  child.ends.pid = child.pid;
  return std::move(child.ends);
}

} // namespace troupe
