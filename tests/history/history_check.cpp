// history_check FOLDER [--crashes] [--timeouts] [--counted-losses N]: the verdict on the histories in a folder. Exit
// code 0: good, 1: bad, 2: they cannot be read.
#include "tests/history/checker.hpp"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  history::check_options how;
  const char* folder = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--crashes") == 0) {
      how.crashes = true;
    } else if (std::strcmp(argv[i], "--timeouts") == 0) {
      how.timeouts = true;
    } else if (std::strcmp(argv[i], "--counted-losses") == 0 && i + 1 < argc) {
      how.counted_losses = std::strtoull(argv[++i], nullptr, 10);
    } else if (folder == nullptr && argv[i][0] != '-') {
      folder = argv[i];
    } else {
      folder = nullptr;
      break;
    }
  }
  if (folder == nullptr) {
    std::cerr << "usage: history_check FOLDER [--crashes] [--timeouts] [--counted-losses N]\n";
    return 2;
  }
  try {
    const auto found = history::check(history::read_folder(folder), how);
    std::cout << found << "\n";
    return found.good() ? 0 : 1;
  } catch (const std::exception& problem) {
    std::cerr << "history_check: " << problem.what() << "\n";
    return 2;
  }
}
